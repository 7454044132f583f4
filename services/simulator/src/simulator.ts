import { type Metrics, notReady, ready, type ServicePart, type ServiceParts } from '@meridian/service'
import type { Logger } from 'pino'
import type { SimulatorConfig } from './config.ts'
import { createSimulation, type Simulation } from './simulation.ts'

/**
 * The parts of the simulator: its components speak and are commanded on the transport of the settings, and have no
 * state that outlives it. Throws CAT_SITE_*, CFG_INVALID, SIM_BAD_FAULTS or SIM_NO_COMPONENT.
 */
export function simulatorParts(config: SimulatorConfig, log: Logger): ServiceParts {
  return [observatoryPart(config, log)]
}

function observatoryPart(config: SimulatorConfig, log: Logger): ServicePart {
  const simulation = createSimulation(config, log)
  const { observatory, table, transport } = simulation
  const name = `the simulated observatory on ${transport.name}`
  return {
    name,
    readiness() {
      const progress = transport.progress?.()
      return progress === undefined ? ready : notReady(`waiting for ${name}: ${progress}`)
    },
    async start(context) {
      addMetrics(context.metrics, simulation)
      await simulation.open(context)
      const { components, jobs } = observatory
      log.info({ instances: components.size, jobs: jobs(), seed: config.SEED }, 'observatory is simulated')
    },
    stop: () => simulation.close(),
    endpoints: () =>
      transport.endpoints.map(endpoint => ({
        ...endpoint,
        queueGroup: '',
        stats: () => ({
          requests: table.executed() + table.duplicates(),
          errors: transport.badRequests(),
          processingMs: 0
        })
      }))
  }
}

function addMetrics(metrics: Metrics, simulation: Simulation): void {
  const { observatory, table, transport } = simulation
  metrics.read('meridian_simulator_components', () => observatory.components.size)
  metrics.read('meridian_simulator_messages_total', simulation.messages)
  metrics.read('meridian_simulator_not_said_total', transport.notSaid)
  metrics.read('meridian_simulator_transport_failures_total', transport.failures)
  metrics.read('meridian_simulator_executions_total', table.executed)
  metrics.read('meridian_simulator_duplicates_total', table.duplicates)
  metrics.read('meridian_simulator_bad_requests_total', transport.badRequests)
  metrics.read('meridian_simulator_ticks_skipped_total', simulation.skippedTicks)
}
