import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Broker, connectBroker } from '@meridian/broker'
import { eventOf, telemetryOf } from '@meridian/subjects'
import { createTestLog, freePort, startNats, waitFor } from '@meridian/testing'
import { centrifugoBinary, centrifugoConfig, whyNoCentrifugo } from './centrifugo.ts'
import type { DialectName } from './dialects.ts'
import { createSampler, startGatewayWorld } from './gateway-world.ts'

/** One of the servers that are compared, ready for clients. */
export interface PeerServer {
  readonly pid: number
  readonly port: number
  /** Where the messages for it are published. */
  readonly broker: Broker
  stop(): Promise<void>
}

/** One way of bringing messages from NATS to many WebSocket clients. */
export interface Peer {
  readonly name: string
  readonly dialect: DialectName
  /** What each client subscribes to, one by one. */
  readonly patterns: readonly object[]
  readonly subjects: readonly string[]
  /** Makes the messages; each run begins anew. */
  payload(): (subject: string) => Uint8Array | string
  /** Why it cannot be measured here; default: it can. */
  missing?(): Promise<string | undefined>
  start(): Promise<PeerServer>
}

const TOPICS = 10
const BYTES = 200
const READY_TIMEOUT_MS = 20_000

const topics = Array.from({ length: TOPICS }, (_, index) => `bench.topic.${index}`)
const patternsOf = (subjects: readonly string[]): readonly object[] =>
  subjects.map(pattern => ({ pattern, quality: 'all' }))

/** JSON of the same size as what Meridian's clients get. */
function createJson(): () => string {
  let n = 0
  return () => {
    const head = `{"n":${++n},"padding":"`
    return `${head}${'x'.repeat(BYTES - head.length - 2)}"}`
  }
}

const ofOurs = (name: string, subjects: readonly string[]): Peer => ({
  ...{ name, subjects, dialect: 'meridian' },
  patterns: patternsOf(subjects),
  payload: () => createSampler(BYTES),
  async start() {
    const { gateways, broker, close } = await startGatewayWorld(1, { MAX_ACCEPTS_PER_SECOND: '10000' })
    const { pid = 0, address = '' } = gateways[0] ?? {}
    return { pid, port: Number(new URL(address).port), broker, stop: close }
  }
})

const ofOthers = (name: string, dialect: DialectName, start: Peer['start']): Peer => ({
  ...{ name, dialect, start },
  subjects: topics,
  patterns: patternsOf(topics),
  payload: createJson
})

const BENCH = { site: 'summit', csc: 'Bench', topic: 'topic' }
const indices = Array.from({ length: TOPICS }, (_, index) => ({ ...BENCH, index }))

/** All that are compared, in the order of the table. */
export const peers: readonly Peer[] = [
  ofOurs('Meridian, telemetry', indices.map(telemetryOf)),
  ofOurs('Meridian, events', indices.map(eventOf)),
  ofOthers('ws, one send per client', 'plain', () => startScript('peer-ws.ts')),
  ofOthers('Socket.IO', 'socketIo', () => startScript('peer-socket-io.ts')),
  ofOthers('nats-server', 'nats', startNatsListener),
  { ...ofOthers('Centrifugo', 'centrifugo', startCentrifugo), missing: whyNoCentrifugo }
]

/** The broker's own door for browsers; it is server and broker in one process. */
async function startNatsListener(): Promise<PeerServer> {
  const port = await freePort()
  const nats = await startNats({
    config: `websocket { host: 127.0.0.1, port: ${port}, no_tls: true, compression: false }`
  })
  const broker = await connectTo(nats.url)
  return {
    ...{ port, broker },
    pid: nats.pid,
    async stop() {
      await broker.drain()
      await nats.stop()
    }
  }
}

const connectTo = (url: string): Promise<Broker> =>
  connectBroker({ servers: url, name: 'bench', log: createTestLog() })

const startScript = (name: string): Promise<PeerServer> =>
  startBesideNats((url, port) => ({
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(new URL(name, import.meta.url)), url, String(port)]
  }))

async function startCentrifugo(): Promise<PeerServer> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  const file = join(folder, 'config.json')
  const command = await centrifugoBinary()
  const server = await startBesideNats((url, port) => {
    writeFileSync(file, centrifugoConfig(url, port))
    return { command, args: ['--config', file] }
  })
  return {
    ...server,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

type Command = (natsUrl: string, port: number) => { readonly command: string; readonly args: string[] }

/** Starts a server that reads from a broker of its own, and waits until it accepts connections. */
async function startBesideNats(commandOf: Command): Promise<PeerServer> {
  const nats = await startNats()
  const broker = await connectTo(nats.url)
  const port = await freePort()
  const { command, args } = commandOf(nats.url, port)
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  await waitFor(() => accepts(port), {
    what: `${[command, ...args].join(' ')} listens`,
    timeoutMs: READY_TIMEOUT_MS
  })
  return {
    ...{ port, broker },
    pid: child.pid ?? 0,
    async stop() {
      process.off('exit', kill)
      kill()
      await ended
      await broker.drain()
      await nats.stop()
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  return true
}
