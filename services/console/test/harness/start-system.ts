import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@meridian/testing'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const parts = ['simulator', 'producer', 'gateway', 'commander', 'api']

/** Why the whole system cannot run here; false when it can. */
export const whyNoSystem: string | false =
  !parts.every(part => existsSync(join(root, 'services', part, 'dist/main.js'))) &&
  'the services are not built: pnpm build'

/** What `npm start` starts, with the dozen instances of the small profile. */
export interface System {
  readonly url: string
  readonly nats: string
  /** Process id by name: `gateway-1`. */
  readonly pids: Readonly<Record<string, number>>
  /** Where each process, by name, says whether it is ready: on the port that it serves. */
  readonly ready: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Waits for the address that the start command prints; fails with all it printed when it ends before. */
function addressOf(child: ChildProcess): Promise<string> {
  let printed = ''
  return new Promise((resolve, reject) => {
    const read = (text: Buffer): void => {
      printed += text
      const address = /is up: (http:\S+)/.exec(printed)?.[1]
      if (address !== undefined) resolve(address)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', code => reject(new Error(`start ended with ${code}: ${printed}`)))
  })
}

/** Starts everything as `npm start` does, after its build. */
export async function startSystem(): Promise<System> {
  const data = mkdtempSync(join(tmpdir(), 'meridian-console-'))
  const options = ['--profile', 'small', '--port', String(await freePort()), '--data', data]
  const child = spawn(process.execPath, ['scripts/dist/start.js', ...options], {
    cwd: root,
    // The address is read in what it prints, which is coloured where CI is set.
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  const url = await addressOf(child)
  const run = JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as Pick<
    System,
    'nats' | 'pids' | 'ready'
  >
  return {
    url,
    nats: run.nats,
    pids: run.pids,
    ready: run.ready,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(data, { recursive: true, force: true })
    }
  }
}
