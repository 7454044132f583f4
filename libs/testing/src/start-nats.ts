import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer } from './find-nats-server.ts'
import { freePort } from './free-port.ts'
import { isStopped } from './is-stopped.ts'
import { createLineRing, type LineRing } from './line-ring.ts'
import { waitFor } from './wait-for.ts'

/** Options of the server; all have defaults. */
export interface NatsOptions {
  /** More lines of nats.conf: users, limits, intervals. */
  readonly config?: string
  /** The whole of nats.conf for a client port, instead of `config` and what else is said here; `reload` replaces it. */
  readonly whole?: (port: number) => string
  /** Name of the JetStream domain; default: none. */
  readonly domain?: string
  /**
   * Client port; default: a free one, kept over restarts. A port taken between search and start is replaced
   * by another.
   */
  readonly port?: number
  /** Port of the monitoring pages (`/varz`, `/jsz`); default: none. */
  readonly monitorPort?: number
  /** Hears each line that it logs. */
  readonly onLine?: (line: string) => void
}

/** A real nats-server with JetStream on loopback, with a store of its own. */
export interface TestNats {
  readonly url: string
  readonly port: number
  /** Process id; another one after a restart. */
  readonly pid: number
  readonly storeDir: string
  /** SIGKILL; resolves when the process is gone. The store stays. */
  kill9(): Promise<void>
  /** SIGTERM, which hands the leadership of streams over; resolves when the process is gone. */
  shutDown(): Promise<void>
  /** Starts it again on the same port and store; kills it first where it still runs. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers; resolves once the process is stopped. */
  freeze(): Promise<void>
  /** SIGCONT: ends `freeze`; what came meanwhile is answered. */
  thaw(): void
  /** Replaces `config` and reloads the server (SIGHUP); resolves when it has reloaded. */
  reload(config: string): Promise<void>
  /** Any other signal, such as SIGUSR2 for lame duck mode. */
  signal(name: NodeJS.Signals): void
  /** The last lines that it logged. */
  logText(): string
  /** Stops the server and removes its store; may be called twice. */
  stop(): Promise<void>
}

interface Running {
  readonly child: ChildProcess
  readonly gone: Promise<unknown>
}

const START_TIMEOUT_MS = 25_000
const PORT_TRIES = 5
const PORT_TAKEN = /address already in use/
const children = new Set<ChildProcess>()
const stores = new Set<string>()
const rings = new Set<LineRing>()

/**
 * Starts a server and waits until it is ready. It always ends with the test's process; when that process
 * fails, the server's last log lines go to standard error.
 */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  installExit()
  const binary = findNatsServer()
  const storeDir = mkdtempSync(join(tmpdir(), 'meridian-nats-'))
  const ring = createLineRing()
  const file = join(storeDir, 'nats.conf')
  if (options.onLine !== undefined) ring.onLine(options.onLine)
  stores.add(storeDir)
  rings.add(ring)

  let port = 0
  const write = (config: string): void => writeFileSync(file, confOf({ ...options, config, port, storeDir }))
  const first = async (triesLeft: number): Promise<Running> => {
    port = options.port ?? (await freePort())
    write(options.config ?? '')
    try {
      return await launch(binary, file, ring)
    } catch (error) {
      const isTaken = options.port === undefined && PORT_TAKEN.test(ring.text())
      if (!isTaken || triesLeft === 1) throw error
      ring.clear()
      return first(triesLeft - 1)
    }
  }
  let running = await first(PORT_TRIES)

  const kill9 = async (): Promise<void> => {
    running.child.kill('SIGKILL')
    await running.gone
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    storeDir,
    get pid() {
      return running.child.pid ?? 0
    },
    kill9,
    async shutDown() {
      running.child.kill('SIGTERM')
      await running.gone
    },
    async restart() {
      await kill9()
      running = await launch(binary, file, ring)
    },
    async freeze() {
      const { pid = 0 } = running.child
      running.child.kill('SIGSTOP')
      await waitFor(() => isStopped(pid), { what: 'nats-server stands still', everyMs: 2 })
    },
    thaw: () => void running.child.kill('SIGCONT'),
    async reload(config) {
      write(config)
      const reloaded = lineOf(ring, /Reloaded server configuration/)
      running.child.kill('SIGHUP')
      await reloaded
    },
    signal: name => void running.child.kill(name),
    logText: () => ring.text(),
    async stop() {
      await kill9()
      rmSync(storeDir, { recursive: true, force: true })
      stores.delete(storeDir)
    }
  }
}

function confOf(options: NatsOptions & { port: number; storeDir: string; config: string }): string {
  if (options.whole !== undefined) return options.config === '' ? options.whole(options.port) : options.config
  const monitor = options.monitorPort === undefined ? '' : `http: 127.0.0.1:${options.monitorPort}\n`
  const domain = options.domain === undefined ? '' : `, domain: ${options.domain}`
  return `host: 127.0.0.1
port: ${options.port}
${monitor}jetstream { store_dir: ${JSON.stringify(join(options.storeDir, 'jetstream'))}${domain} }
${options.config}
`
}

async function launch(binary: string, file: string, ring: LineRing): Promise<Running> {
  const child = spawn(binary, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  children.add(child)
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => ring.write(chunk))
  const gone = once(child, 'exit').finally(() => children.delete(child))
  const died = gone.then(() => {
    throw new Error(`nats-server ended while starting:\n${ring.text()}`)
  })
  await Promise.race([lineOf(ring, /Server is ready/), died])
  died.catch(() => {})
  return { child, gone }
}

function lineOf(ring: LineRing, wanted: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      off()
      reject(new Error(`nats-server did not say ${wanted} in ${START_TIMEOUT_MS} ms:\n${ring.text()}`))
    }, START_TIMEOUT_MS).unref()
    const off = ring.onLine(line => {
      if (!wanted.test(line)) return
      clearTimeout(timer)
      off()
      resolve()
    })
  })
}

let installed = false
function installExit(): void {
  if (installed) return
  installed = true
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, endBy)
  process.on('exit', code => {
    clear()
    if (code === 0 && (process.exitCode ?? 0) === 0) return
    for (const ring of rings) process.stderr.write(`--- nats-server, last lines\n${ring.text()}\n`)
  })
}

function clear(): void {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of stores) rmSync(folder, { recursive: true, force: true })
}

// A signal ends the process without an 'exit' event. Without other listeners it is raised again after ours is
// removed.
function endBy(signal: NodeJS.Signals): void {
  clear()
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}
