import type { Broker } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createExecDoor } from './exec-door.ts'
import { createExecutionTable, type ExecutionTable } from './execution-table.ts'
import { createFaultInjectionDoor, injectFault, parseFaults } from './fault-injection.ts'
import { createLoadReport } from './load-report.ts'
import { createObservatory, type Observatory } from './observatory.ts'
import { createTicker } from './ticker.ts'
import type { Publish } from './topic-publisher.ts'

/** A simulated observatory with its clock and its doors. */
export interface Simulation {
  readonly observatory: Observatory
  readonly table: ExecutionTable
  messages(): number
  badRequests(): number
  skippedTicks(): number
  /** Opens the doors, waits until the broker has the subscriptions; BEGIN_AFTER_S later the clock starts. */
  open(broker: Broker): Promise<void>
  /** Closes the doors, then stops the clock. */
  close(): Promise<void>
}

// Components have started by then, so that a fault of the setting FAULTS is seen as one.
const FAULTS_SECONDS = 15

/** Creates the simulation of a configuration. Throws CAT_SITE_*, SIM_BAD_FAULTS or SIM_NO_COMPONENT. */
export function createSimulation(config: SimulatorConfig, log: Logger, publish: Publish): Simulation {
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
    observatory: site.observatory,
    ...(site.location && { location: site.location }),
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
  let faults = parseFaults(config.FAULTS, observatory)
  const ticker = createTicker(systemClock, at => {
    observatory.tick(at)
    report(at)
    if (at.seconds < FAULTS_SECONDS || faults.length === 0) return
    for (const fault of faults) injectFault(fault, at)
    faults = []
  })
  const report = createLoadReport(config.SITE, counted, () => ({
    components: observatory.components.size,
    messages,
    executions: table.executed(),
    skippedTicks: ticker.skipped()
  }))
  const doorOptions = { site: config.SITE, observatory, table, now: ticker.now }
  const execDoor = createExecDoor(doorOptions)
  const faultDoor = createFaultInjectionDoor(doorOptions)
  let begin: NodeJS.Timeout | undefined

  return {
    observatory,
    table,
    messages: () => messages,
    badRequests: execDoor.badRequests,
    skippedTicks: ticker.skipped,
    async open(broker) {
      execDoor.open(broker)
      faultDoor.open(broker)
      await broker.flush()
      begin = setTimeout(ticker.start, config.BEGIN_AFTER_S * 1000)
    },
    async close() {
      await execDoor.close()
      await faultDoor.close()
      clearTimeout(begin)
      ticker.stop()
    }
  }
}
