import { createLog, readConfig, runService } from '@meridian/service'
import { createCommander } from './commander.ts'
import { spec } from './config.ts'

const config = readConfig(spec)
const log = createLog({ name: 'commander', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService(createCommander(config, log), { log, graceMs: config.DRAIN_MS })
