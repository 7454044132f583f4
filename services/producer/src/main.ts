import { createLog, readConfig, runService } from '@meridian/service'
import { inboxPrefixOf } from '@meridian/subjects'
import { spec } from './config.ts'
import { producerParts } from './producer.ts'

const config = readConfig(spec)
const log = createLog({ name: spec.service, level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService({
  name: spec.service,
  description: spec.summary,
  config,
  log,
  inboxPrefix: inboxPrefixOf('producer'),
  streams: ['TEL', 'EVT', 'SCRIPT'],
  parts: () => producerParts(config, log)
})
