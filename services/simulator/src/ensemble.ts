import type { Broker } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createExecDoor } from './exec-door.ts'
import { createExecutionTable, type ExecutionTable } from './execution-table.ts'
import type { Publish } from './line.ts'
import { createMischiefDoor, play, pranksOf } from './mischief.ts'
import { createObservatory, type Observatory } from './observatory.ts'
import { createSelfReport } from './self-report.ts'
import { createTicker } from './ticker.ts'

/** The observatory with its clock and its doors. */
export interface Ensemble {
  readonly observatory: Observatory
  readonly table: ExecutionTable
  messages(): number
  badRequests(): number
  skippedTicks(): number
  /** Opens the doors; resolves when the broker knows of them. Then time begins. */
  open(broker: Broker): Promise<void>
  /** Closes the doors, then stops time. */
  close(): Promise<void>
}

// Components are up by then, so that a fault asked for from the start is seen as one.
const FAULTS_SECONDS = 15

/** Makes what a configuration describes. Throws CAT_SITE_*, SIM_BAD_FAULTS or SIM_NO_COMPONENT. */
export function createEnsemble(config: SimulatorConfig, log: Logger, publish: Publish): Ensemble {
  const { catalogue, site } = loadObservatory(config)
  const table = createExecutionTable()
  let messages = 0
  const counted: Publish = (subject, data) => {
    messages++
    publish(subject, data)
  }
  const observatory = createObservatory({
    catalogue,
    site: config.SITE,
    instances: site.instances,
    seed: config.SEED,
    boot: Date.now(),
    publish: counted,
    holdSeconds: config.OPERATOR_HOLD_S,
    restartSeconds: config.RESTART_S,
    night: config.NIGHT,
    hollow: config.HOLLOW,
    onError: err => log.error({ err }, 'a simulated component failed')
  })
  let pranks = pranksOf(config.FAULTS, observatory)
  const ticker = createTicker(systemClock, at => {
    observatory.tick(at)
    report(at)
    if (at.seconds < FAULTS_SECONDS || pranks.length === 0) return
    for (const prank of pranks) play(prank, at)
    pranks = []
  })
  const report = createSelfReport(config.SITE, counted, () => ({
    components: observatory.components.size,
    messages,
    executions: table.executed(),
    skippedTicks: ticker.skipped()
  }))
  const doorOptions = { site: config.SITE, observatory, table, now: ticker.now }
  const execDoor = createExecDoor(doorOptions)
  const mischiefDoor = createMischiefDoor(doorOptions)

  return {
    observatory,
    table,
    messages: () => messages,
    badRequests: execDoor.badRequests,
    skippedTicks: ticker.skipped,
    async open(broker) {
      execDoor.open(broker)
      mischiefDoor.open(broker)
      await broker.flush()
      ticker.start()
    },
    async close() {
      await execDoor.close()
      await mischiefDoor.close()
      ticker.stop()
    }
  }
}
