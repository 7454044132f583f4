import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { serviceCommand } from './service-command.ts'
import { waitFor } from './wait-for.ts'

/** A service of the repository in a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess
  /** Lines of its log so far. */
  readonly lines: readonly string[]
  /** Base URL of its HTTP server, such as `http://127.0.0.1:4123`. */
  readonly address: string
  /** Resolves with the exit code, or the signal that ended it. */
  readonly gone: Promise<number | NodeJS.Signals>
  /** SIGKILL; resolves when the process is gone. */
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000

/**
 * Starts the service of this folder, as `serviceCommand` says or with other arguments of Node, with these settings and waits
 * until it logs `until`; default: that it is ready. Its environment has PATH and HOME besides, nothing else of the test's. It
 * is killed when the test's process exits. Throws with its log where it ends before, or has not logged it within 60 s.
 */
export async function startService(
  folder: string,
  settings: Readonly<Record<string, string>>,
  until = 'ready',
  command = serviceCommand(basename(folder))
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  // Not 'exit': the last lines of its log, which say why it ended, may come after that.
  const gone = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  const log = (): string => lines.join('\n')
  const hasSaid = (): boolean => log().includes(`"msg":"${until}"`)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  await waitFor(() => hasSaid() || hasEnded(), { what: `${folder}: ${until}`, timeoutMs: START_TIMEOUT_MS })
  if (!hasSaid()) throw new Error(`${folder} ended with ${await gone}:\n${log()}`)
  return {
    child,
    lines,
    address: /"address":"([^"]+)"/.exec(log())?.[1] ?? '',
    gone,
    async stop() {
      child.kill('SIGKILL')
      await gone
    }
  }
}

/**
 * Starts a service of the repository by its name, for site `summit` with the given broker, on a free port. Throws as
 * `startService`.
 */
export const startSiteService = (
  name: string,
  nats: { readonly url: string },
  settings: Readonly<Record<string, string>> = {}
): Promise<ServiceProcess> =>
  startService(fileURLToPath(new URL(`../../../services/${name}`, import.meta.url)), {
    ...{ NATS_URL: nats.url, SITE: 'summit', PORT: '0' },
    ...settings
  })
