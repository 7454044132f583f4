import type { Broker } from '@meridian/broker'
import type { Metrics, ServicePart, ServiceParts } from '@meridian/service'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createEnsemble, type Ensemble } from './ensemble.ts'
import { everyExecOf } from './exec-door.ts'

/**
 * The parts of the simulator: it publishes on `raw.`, serves `exec.`, and has no state that outlives it. Throws CAT_SITE_*, SIM_BAD_FAULTS or
 * SIM_NO_COMPONENT.
 */
export function simulatorParts(config: SimulatorConfig, log: Logger): ServiceParts {
  return [simulation(config, log)]
}

function simulation(config: SimulatorConfig, log: Logger): ServicePart {
  let broker: Broker | undefined
  const ensemble = createEnsemble(config, log, (subject, data) => broker?.publish(subject, data))
  const { observatory, table, badRequests } = ensemble
  return {
    name: 'the simulated observatory',
    async start(context) {
      broker = context.broker
      addMetrics(context.metrics, ensemble)
      await ensemble.open(broker)
      const { components, jobs } = observatory
      log.info({ instances: components.size, jobs: jobs(), seed: config.SEED }, 'observatory is simulated')
    },
    stop: () => ensemble.close(),
    endpoints: () => [
      {
        name: 'exec',
        subject: everyExecOf(config.SITE),
        queueGroup: '',
        stats: () => ({
          requests: table.executed() + table.duplicates(),
          errors: badRequests(),
          processingMs: 0
        })
      }
    ]
  }
}

function addMetrics(metrics: Metrics, ensemble: Ensemble): void {
  const { observatory, table } = ensemble
  metrics.read('meridian_simulator_components', () => observatory.components.size)
  metrics.read('meridian_simulator_messages_total', ensemble.messages)
  metrics.read('meridian_simulator_executions_total', table.executed)
  metrics.read('meridian_simulator_duplicates_total', table.duplicates)
  metrics.read('meridian_simulator_bad_requests_total', ensemble.badRequests)
  metrics.read('meridian_simulator_ticks_skipped_total', ensemble.skippedTicks)
}
