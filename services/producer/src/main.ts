import { createLog, readConfig, runService } from '@meridian/service'
import { spec } from './config.ts'
import { createProducer } from './producer.ts'

const config = readConfig(spec)
const log = createLog({ name: 'producer', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService(createProducer(config, log), { log, graceMs: config.DRAIN_MS })
