import type { Broker } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import type { ServiceContext } from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createExecutionTable, type ExecutionTable } from './execution-table.ts'
import { createExecutor } from './executor.ts'
import { createFaultInjectionDoor, injectFault, parseFaults } from './fault-injection.ts'
import { createLoadReport } from './load-report.ts'
import { createObservatory, type Observatory } from './observatory.ts'
import type { Outlet } from './outlet.ts'
import { createTicker } from './ticker.ts'
import { createRawOutlet } from './transports/raw-outlet.ts'
import type { Transport } from './transports/transport.ts'
import { transports } from './transports/transports.ts'

/** A simulated observatory with its clock and its doors. */
export interface Simulation {
  readonly observatory: Observatory
  readonly table: ExecutionTable
  readonly transport: Transport
  messages(): number
  skippedTicks(): number
  /** Opens transport and doors, waits until the broker has the subscriptions; BEGIN_AFTER_S later the clock starts. */
  open(context: ServiceContext): Promise<void>
  /** Stops the clock, then closes the doors. */
  close(): Promise<void>
}

// Components have started by then, so that a fault of the setting FAULTS is seen as one.
const FAULTS_SECONDS = 15

/** Creates the simulation of a configuration. Throws CAT_SITE_*, CFG_INVALID, SIM_BAD_FAULTS or SIM_NO_COMPONENT. */
export function createSimulation(config: SimulatorConfig, log: Logger): Simulation {
  const { catalogue, site } = loadObservatory(config)
  const table = createExecutionTable()
  let broker: Broker | undefined
  let messages = 0
  const counted =
    (outlet: Outlet): Outlet =>
    topic => {
      const send = outlet(topic)
      return values => {
        messages++
        send(values)
      }
    }
  const raw = createRawOutlet(config.SITE, (subject, data) => broker?.publish(subject, data))
  const transport = transports[config.TRANSPORT]({ config, catalogue, raw, log })
  const observatory = createObservatory({
    catalogue,
    observatory: site.observatory,
    ...(site.location && { location: site.location }),
    instances: site.instances,
    seed: config.SEED,
    boot: Date.now(),
    outlet: counted(transport.outlet),
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
  // It is a device on NATS, whatever the components speak.
  const report = createLoadReport(counted(raw), () => ({
    components: observatory.components.size,
    messages,
    executions: table.executed(),
    skippedTicks: ticker.skipped()
  }))
  const executor = createExecutor({ observatory, table, now: ticker.now })
  const faultDoor = createFaultInjectionDoor({ site: config.SITE, observatory, table, now: ticker.now })
  let begin: NodeJS.Timeout | undefined

  return {
    observatory,
    table,
    transport,
    messages: () => messages,
    skippedTicks: ticker.skipped,
    async open(context) {
      broker = context.broker
      await transport.open(context, [...observatory.components.values()], executor)
      faultDoor.open(broker)
      await broker.flush()
      begin = setTimeout(ticker.start, config.BEGIN_AFTER_S * 1000)
    },
    async close() {
      clearTimeout(begin)
      ticker.stop()
      await faultDoor.close()
      await transport.close()
    }
  }
}
