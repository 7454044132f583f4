import { modeOf } from '@meridian/auth'
import { createLog, readConfig, runService } from '@meridian/service'
import { inboxPrefixOf } from '@meridian/subjects'
import { spec } from './config.ts'
import { servedStreams } from './followers.ts'
import { gatewayParts } from './gateway.ts'

const config = readConfig(spec)
const log = createLog({ name: spec.service, level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService({
  name: spec.service,
  description: spec.summary,
  config,
  log,
  inboxPrefix: inboxPrefixOf('gateway'),
  access: modeOf(config),
  readyWithoutBroker: true,
  streams: servedStreams.map(stream => stream.name),
  parts: () => gatewayParts(config, log)
})
