import { createLog, readConfig, runService } from '@meridian/service'
import { spec } from './config.ts'
import { createSimulator } from './simulator.ts'

const config = readConfig(spec)
const log = createLog({ name: 'simulator', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
await runService(createSimulator(config, log), { log, graceMs: config.DRAIN_MS })
