import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@meridian/testing'

/** A bundled script of this folder as a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess
  /** All that it has written so far. */
  output(): string
  /** Waits for a text in it. */
  until(text: string): Promise<void>
  /** Status and body of one of its addresses; undefined where nothing answers. */
  get(path: string): Promise<{ status: number; body: string } | undefined>
  /** Exit code, or the signal that ended it. */
  readonly gone: Promise<number | string>
}

/** Starts one, by the address of its bundle. */
export async function startScript(
  script: URL,
  settings: Readonly<Record<string, string>>
): Promise<ServiceProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [script.pathname], {
    env: { PATH: process.env['PATH'], PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  process.once('exit', () => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  return {
    child,
    output: () => output,
    async until(text) {
      while (!output.includes(text)) await once(child.stdout, 'data')
    },
    async get(path) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}${path}`)
        return { status: response.status, body: await response.text() }
      } catch {
        return undefined
      }
    },
    gone: once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  }
}
