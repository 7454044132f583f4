import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort, waitFor } from '@meridian/testing'

/** A service of the repository in a process of its own. */
export interface ServiceProcess {
  readonly pid: number
  /** Base URL of its HTTP server. */
  readonly address: string
  /** Tells the process to end, and resolves when it has ended. */
  stop(): Promise<void>
}

const READY_TIMEOUT_MS = 20_000

/**
 * Starts the bundle of a service, as production runs it, on a free port and waits until it is ready. Throws
 * Error where the service is not built. `BENCH_CPU_PROF` names a folder for a CPU profile, written at `stop`.
 */
export async function startService(
  name: string,
  natsUrl: string,
  env: Readonly<Record<string, string>> = {}
): Promise<ServiceProcess> {
  const port = await freePort()
  const folder = process.env['BENCH_CPU_PROF']
  const profile = folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder]
  const child = spawn(process.execPath, [...profile, bundleOf(name)], {
    env: {
      ...process.env,
      NATS_URL: natsUrl,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      DRAIN_MS: '500',
      ...env
    },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const ended = once(child, 'exit')
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const address = `http://127.0.0.1:${port}`
  const isReady = async (): Promise<boolean> => (await fetch(`${address}/readyz`)).ok
  await waitFor(isReady, { what: `${name} is ready`, timeoutMs: READY_TIMEOUT_MS })
  return {
    pid: child.pid ?? 0,
    address,
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await ended
    }
  }
}

function bundleOf(name: string): string {
  const file = fileURLToPath(new URL(`../../services/${name}/dist/main.js`, import.meta.url))
  if (!existsSync(file)) throw new Error(`${file} is missing: run 'pnpm build' in that checkout`)
  return file
}
