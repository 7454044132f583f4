import { createLog, readConfig, runService } from '@meridian/service'
import { spec } from './config.ts'
import { createGateway } from './gateway.ts'

const config = readConfig(spec)
const log = createLog({ name: 'gateway', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService(createGateway(config, log), { log, graceMs: config.DRAIN_MS })
