import { modeOf } from '@meridian/auth'
import { createLog, readConfig, runService } from '@meridian/service'
import { inboxPrefixOf } from '@meridian/subjects'
import { commanderParts } from './commander.ts'
import { spec } from './config.ts'

const config = readConfig(spec)
const log = createLog({ name: spec.service, level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService({
  name: spec.service,
  description: spec.summary,
  config,
  log,
  access: modeOf(config),
  inboxPrefix: inboxPrefixOf('commander'),
  streams: ['COMMANDS', 'TEL', 'EVT'],
  parts: () => commanderParts(config, log)
})
