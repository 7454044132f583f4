import type { Broker } from '@meridian/broker'
import type { Metrics, ServicePart, ServiceParts } from '@meridian/service'
import { patternOf } from '@meridian/subjects'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createSimulation, type Simulation } from './simulation.ts'

/**
 * The parts of the simulator: it publishes on `raw.`, serves `exec.`, and has no state that outlives it.
 * Throws CAT_SITE_*, SIM_BAD_FAULTS or SIM_NO_COMPONENT.
 */
export function simulatorParts(config: SimulatorConfig, log: Logger): ServiceParts {
  return [observatoryPart(config, log)]
}

function observatoryPart(config: SimulatorConfig, log: Logger): ServicePart {
  let broker: Broker | undefined
  const simulation = createSimulation(config, log, (subject, data) => broker?.publish(subject, data))
  const { observatory, table, badRequests } = simulation
  return {
    name: 'the simulated observatory',
    async start(context) {
      broker = context.broker
      addMetrics(context.metrics, simulation)
      await simulation.open(broker)
      const { components, jobs } = observatory
      log.info({ instances: components.size, jobs: jobs(), seed: config.SEED }, 'observatory is simulated')
    },
    stop: () => simulation.close(),
    endpoints: () => [
      {
        name: 'exec',
        subject: patternOf('exec', { site: config.SITE }),
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

function addMetrics(metrics: Metrics, simulation: Simulation): void {
  const { observatory, table } = simulation
  metrics.read('meridian_simulator_components', () => observatory.components.size)
  metrics.read('meridian_simulator_messages_total', simulation.messages)
  metrics.read('meridian_simulator_executions_total', table.executed)
  metrics.read('meridian_simulator_duplicates_total', table.duplicates)
  metrics.read('meridian_simulator_bad_requests_total', simulation.badRequests)
  metrics.read('meridian_simulator_ticks_skipped_total', simulation.skippedTicks)
}
