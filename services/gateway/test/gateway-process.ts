import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort, serviceCommand, waitFor } from '@meridian/testing'

const children = new Set<ChildProcess>()
const killAll = (): void => {
  for (const child of children) child.kill('SIGKILL')
}
// A test that is cut off leaves no gateway behind: startNats() ends the process on a signal, without an
// 'exit'.
process.on('exit', killAll)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    killAll()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  })

/** A gateway as a process of its own. */
export interface GatewayProcess {
  readonly port: number
  readonly child: ChildProcess
  output(): string
  /** Sends a signal; resolves with the exit code, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts one and waits until it is ready; on a free port unless the settings have a PORT. Throws with what it
 * said where it ends before, at once, or is not ready within 60 s.
 */
export async function startGateway(
  natsUrl: string,
  settings: Record<string, string> = {}
): Promise<GatewayProcess> {
  const port = settings['PORT'] === undefined ? await freePort() : Number(settings['PORT'])
  const child = spawn(process.execPath, serviceCommand('gateway'), {
    env: { ...process.env, NATS_URL: natsUrl, PORT: String(port), LOG_LEVEL: 'info', ...settings },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  children.add(child)
  let output = ''
  child.stdout?.on('data', chunk => (output += chunk))
  child.stderr?.on('data', chunk => (output += chunk))
  const gone = once(child, 'exit')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const running: GatewayProcess = {
    port,
    child,
    output: () => output,
    async end(signal) {
      if (!hasEnded()) child.kill(signal)
      await gone
      return child.exitCode
    }
  }
  const begun = waitFor(async () => hasEnded() || (await isReady(port)), {
    timeoutMs: 60_000,
    what: 'the gateway to be ready'
  })
  await begun.catch(() => running.end('SIGKILL'))
  if (hasEnded()) throw new Error(`gateway did not start: ${output}`)
  return running
}

/** Whether the gateway on a port says by `/readyz` that it serves. */
export async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}

/** All metrics of the gateway that listens there, as text. */
export const metricsOf = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
