import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../start/ports.ts'
import { settle } from './gateway-world.ts'

/** The whole system, as `npm start` runs it. */
export interface Summit {
  /** Address of its broker. */
  readonly nats: string
  /** Process ids by the names of the processes. */
  readonly pids: Readonly<Record<string, number>>
  /** Address of each process that answers /metrics. */
  readonly ready: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const start = fileURLToPath(new URL('../start.ts', import.meta.url))
const WARM_UP_MS = 10_000

/** Starts the summit with a data folder of its own; resolves ten seconds after it is up. */
export async function startSummit(): Promise<Summit> {
  const data = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  const args = ['--import', 'tsx', start, '--data', data, '--port', String(await freePort())]
  const system = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = async (): Promise<void> => {
    system.kill('SIGINT')
    if (system.exitCode === null) await once(system, 'exit')
    rmSync(data, { recursive: true, force: true })
  }
  try {
    await said(system, 'Ctrl-C ends everything')
    await settle(WARM_UP_MS)
    return { ...(JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as Omit<Summit, 'stop'>), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function said(child: ChildProcess, text: string): Promise<void> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', chunk => {
      output += chunk
      if (output.includes(text)) resolve()
    })
    child.once('exit', () => reject(new Error(`the system did not start:\n${output}`)))
  })
}
