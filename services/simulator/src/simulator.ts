import { type Broker, connectBroker, type Micro, serveMicro } from '@meridian/broker'
import {
  createHealthServer,
  createMetrics,
  type Metrics,
  type Readiness,
  type Service,
  VERSION
} from '@meridian/service'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createEnsemble, type Ensemble } from './ensemble.ts'
import { everyExecOf } from './exec-door.ts'

/** The simulator: wiring only. It publishes on raw. and serves exec., and has no state that outlives it. */
export function createSimulator(config: SimulatorConfig, log: Logger): Service {
  const name = config.NAME || `simulator-${process.pid}`
  const metrics = createMetrics('simulator')
  let broker: Broker | undefined
  let ensemble: Ensemble | undefined
  let micro: Micro | undefined
  let open = false

  const readiness = (): Readiness =>
    open && broker?.state() === 'connected'
      ? { ready: true }
      : { ready: false, why: 'not connected to the broker' }
  const health = createHealthServer({ readiness, metrics, host: config.HOST, port: config.PORT, log })
  readMetrics(metrics, { ensemble: () => ensemble, broker: () => broker })

  return {
    async start() {
      ensemble = createEnsemble(config, log, (subject, data) => broker?.publish(subject, data))
      broker = await connectBroker({ servers: config.NATS_URL, name, log })
      micro = introduce(broker, ensemble, config)
      await ensemble.open(broker)
      open = true
      await health.start()
      const { components, jobs } = ensemble.observatory
      log.info({ instances: components.size, jobs: jobs(), seed: config.SEED }, 'observatory is simulated')
    },
    async stop() {
      open = false
      await ensemble?.close()
      await micro?.stop()
      await health.stop()
      await broker?.drain()
    }
  }
}

/** Answers `$SRV`, so that `nats micro` sees it. */
function introduce(
  broker: Broker,
  { observatory, table, badRequests }: Ensemble,
  config: SimulatorConfig
): Micro {
  return serveMicro(broker, {
    name: 'simulator',
    version: VERSION,
    description: `simulated ${config.SITE}: ${observatory.components.size} instances, seed ${config.SEED}`,
    endpoints: [{ name: 'exec', subject: everyExecOf(config.SITE), queueGroup: '' }],
    stats: () => ({
      requests: table.executed() + table.duplicates(),
      errors: badRequests(),
      processingMs: 0
    })
  })
}

interface Sources {
  readonly ensemble: () => Ensemble | undefined
  readonly broker: () => Broker | undefined
}

function readMetrics(metrics: Metrics, { ensemble, broker }: Sources): void {
  metrics.read('meridian_simulator_components', () => ensemble()?.observatory.components.size ?? 0)
  metrics.read('meridian_simulator_messages_total', () => ensemble()?.messages() ?? 0)
  metrics.read('meridian_simulator_executions_total', () => ensemble()?.table.executed() ?? 0)
  metrics.read('meridian_simulator_duplicates_total', () => ensemble()?.table.duplicates() ?? 0)
  metrics.read('meridian_simulator_bad_requests_total', () => ensemble()?.badRequests() ?? 0)
  metrics.read('meridian_simulator_ticks_skipped_total', () => ensemble()?.skippedTicks() ?? 0)
  metrics.read('meridian_broker_connected', () => (broker()?.state() === 'connected' ? 1 : 0))
  metrics.read('meridian_broker_reconnects_total', () => broker()?.stats().reconnects ?? 0)
}
