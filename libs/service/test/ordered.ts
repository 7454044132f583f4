/**
 * A service of three parts that say when they start and stop; FAIL names one that fails to start, STUCK one
 * that never stops.
 */
import { writeSync } from 'node:fs'
import { Type } from 'typebox'
import { commonSettings, createLog, readConfig, runService, type ServicePart } from '../src/index.ts'

const config = readConfig({
  service: 'ordered',
  summary: 'says in which order its parts start and stop',
  settings: Type.Object({
    ...commonSettings,
    FAIL: Type.String({ default: '', description: 'part that fails to start' }),
    STUCK: Type.String({ default: '', description: 'part that never stops' })
  })
})
const log = createLog({ name: 'ordered', level: 'info', pretty: false })

// The log is written later than it is called: what comes from here stands in its order.
const say = (what: string): void => void writeSync(1, `${what}\n`)

const part = (name: string): ServicePart => ({
  name,
  start() {
    say(`start ${name}`)
    if (config.FAIL === name) throw new Error(`${name} is out of order`)
  },
  async stop() {
    say(`stop ${name}`)
    if (config.STUCK === name) await new Promise(() => {})
  }
})

await runService({
  name: 'ordered',
  description: 'says its order',
  config,
  log,
  parts: () => ['one', 'two', 'three'].map(part)
})
