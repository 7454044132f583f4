import { createLog, readConfig, runService } from '@meridian/service'
import { createApi } from './api.ts'
import { spec } from './config.ts'

const config = readConfig(spec)
const log = createLog({ name: 'api', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService(createApi(config, log), { log, graceMs: config.DRAIN_MS })
