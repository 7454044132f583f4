import { setFlagsFromString } from 'node:v8'
import { createLog, readConfig, runService } from '@meridian/service'
import { inboxPrefixOf } from '@meridian/subjects'
import { spec } from './config.ts'
import { producerParts } from './producer.ts'

// Bytes of messages lie outside of V8's heap and count all the same for when all of it is marked. Beside the small heap of
// a pod V8 lets both grow by a third only, and the marking, every 13 MB of messages, cost more than all else together.
setFlagsFromString('--heap-growing-percent=150')

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
