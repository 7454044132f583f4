import { type Broker, connectBroker, type Micro, serveMicro } from '@meridian/broker'
import { type Catalogue, loadCatalogue, loadSite, readSite, type Site } from '@meridian/catalogue'
import {
  createHealthServer,
  createMetrics,
  type Metrics,
  type Readiness,
  type Service
} from '@meridian/runtime'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createExecDoor, everyExecOf } from './exec-door.ts'
import { createExecutionTable } from './execution-table.ts'
import { createMischiefDoor, play, pranksOf } from './mischief.ts'
import { createObservatory, type Observatory } from './observatory.ts'
import { createSelfReport } from './self-report.ts'
import { createTicker } from './ticker.ts'

// Components are up by then, so that a fault asked for from the start is seen as one.
const FAULTS_SECONDS = 15

/** The simulator: wiring only. It publishes on raw. and serves exec., and has no state that outlives it. */
export function createSimulator(config: SimulatorConfig, log: Logger): Service {
  const name = config.NAME || `simulator-${process.pid}`
  const metrics = createMetrics('simulator')
  const table = createExecutionTable()
  let broker: Broker | undefined
  let micro: Micro | undefined
  let messages = 0
  let running = false

  const publish = (subject: string, data: Uint8Array): void => {
    messages++
    broker?.publish(subject, data)
  }
  const catalogue = loadCatalogue()
  const observatory = createObservatory({
    catalogue,
    site: config.SITE,
    instances: siteOf(config, catalogue).instances,
    seed: config.SEED,
    boot: Date.now(),
    publish,
    holdSeconds: config.OPERATOR_HOLD_S,
    restartSeconds: config.RESTART_S,
    night: config.NIGHT,
    hollow: config.HOLLOW,
    onError: err => log.error({ err }, 'a simulated component failed')
  })
  let pranks = pranksOf(config.FAULTS, observatory)
  const self = createSelfReport(config.SITE, publish, () => ({
    components: observatory.components.size,
    messages,
    executions: table.executed(),
    skippedTicks: ticker.skipped()
  }))
  const ticker = createTicker(systemClock, at => {
    observatory.tick(at)
    self(at)
    if (at.seconds < FAULTS_SECONDS || pranks.length === 0) return
    for (const prank of pranks) play(prank, at)
    pranks = []
  })
  const doors = { site: config.SITE, observatory, table, now: ticker.now }
  const execDoor = createExecDoor(doors)
  const mischiefDoor = createMischiefDoor(doors)
  const readiness = (): Readiness =>
    running && broker?.state() === 'connected'
      ? { ready: true }
      : { ready: false, why: 'not connected to the broker' }
  const health = createHealthServer({ readiness, metrics, host: config.HOST, port: config.PORT, log })
  readMetrics(metrics, {
    observatory,
    messages: () => messages,
    executed: table.executed,
    duplicates: table.duplicates,
    badRequests: execDoor.badRequests,
    skipped: ticker.skipped,
    broker: () => broker
  })

  return {
    async start() {
      broker = await connectBroker({ servers: config.NATS_URL, name, log })
      execDoor.open(broker)
      mischiefDoor.open(broker)
      micro = serveMicro(broker, {
        name: 'simulator',
        version: '1.0.0',
        description: `simulated ${config.PROFILE}: ${observatory.components.size} instances, seed ${config.SEED}`,
        endpoints: [
          {
            name: 'exec',
            subject: everyExecOf(config.SITE),
            queueGroup: ''
          }
        ],
        stats: () => ({
          requests: table.executed() + table.duplicates(),
          errors: execDoor.badRequests(),
          processingMs: 0
        })
      })
      await broker.flush()
      ticker.start()
      running = true
      await health.start()
      log.info(
        { instances: observatory.components.size, jobs: observatory.jobs(), seed: config.SEED },
        'observatory is simulated'
      )
    },
    async stop() {
      running = false
      await execDoor.close()
      await mischiefDoor.close()
      ticker.stop()
      await micro?.stop()
      await health.stop()
      await broker?.drain()
    }
  }
}

function siteOf({ PROFILE, SITE_FILE }: SimulatorConfig, catalogue: Catalogue): Site {
  return SITE_FILE === '' ? loadSite(PROFILE, catalogue) : readSite(SITE_FILE, { name: PROFILE, catalogue })
}

interface Readings {
  readonly observatory: Observatory
  readonly messages: () => number
  readonly executed: () => number
  readonly duplicates: () => number
  readonly badRequests: () => number
  readonly skipped: () => number
  readonly broker: () => Broker | undefined
}

function readMetrics(metrics: Metrics, r: Readings): void {
  metrics.read('meridian_simulator_components', () => r.observatory.components.size)
  metrics.read('meridian_simulator_messages_total', r.messages)
  metrics.read('meridian_simulator_executions_total', r.executed)
  metrics.read('meridian_simulator_duplicates_total', r.duplicates)
  metrics.read('meridian_simulator_bad_requests_total', r.badRequests)
  metrics.read('meridian_simulator_ticks_skipped_total', r.skipped)
  metrics.read('meridian_broker_connected', () => (r.broker()?.state() === 'connected' ? 1 : 0))
  metrics.read('meridian_broker_reconnects_total', () => r.broker()?.stats().reconnects ?? 0)
}
