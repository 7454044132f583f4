import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort, waitFor } from '@meridian/testing'

/** A service of the repository in a process of its own. */
export interface ServiceProcess {
  readonly pid: number
  /** Of its HTTP server. */
  readonly address: string
  kill(): void
}

/** Starts a service on a free port and waits until it is ready. `BENCH_CPU_PROF` names a folder for a CPU profile, written at `kill`. */
export async function startService(
  name: string,
  natsUrl: string,
  env: Readonly<Record<string, string>> = {}
): Promise<ServiceProcess> {
  const port = await freePort()
  const folder = process.env['BENCH_CPU_PROF']
  const profile = folder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', folder]
  const main = fileURLToPath(new URL(`../../services/${name}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [...profile, '--import', 'tsx', '--conditions=development', main], {
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
  const kill = (): void => void child.kill(folder === undefined ? 'SIGKILL' : 'SIGTERM')
  process.once('exit', kill)
  const address = `http://127.0.0.1:${port}`
  const isReady = async (): Promise<boolean> => (await fetch(`${address}/readyz`)).ok
  await waitFor(isReady, { what: `${name} is ready`, timeoutMs: 20_000 })
  return { pid: child.pid ?? 0, address, kill }
}
