import { runProcess } from './run-process.ts'
import { createService, type ServiceOptions } from './service.ts'

/**
 * Runs a service as this process: starts its parts in order and runs until a signal, then stops them in
 * reverse order within DRAIN_MS and exits 0. A part that fails to start stops those before it and exits 1.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { log, config } = options
  await runProcess(createService(options), { log, graceMs: config.DRAIN_MS })
}
