import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Broker, streamState } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { encodeMsgpack } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import type { TestNats } from '@meridian/testing'
import type { ClientsCount, ClientsPlan } from './gateway-clients.ts'
import { type ServiceProcess, startService } from './service-process.ts'

/** A broker with streams, some gateways, and whatever clients the bench starts. */
export interface GatewayWorld {
  readonly broker: Broker
  readonly nats: TestNats
  readonly gateways: readonly ServiceProcess[]
  /** Clients of the first gateway, once all are live. */
  startClients(plan: Omit<ClientsPlan, 'port'>): Promise<Clients>
  /** The answer of `$JS.API.<call>`. */
  jetstream(call: string): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

/** Clients in a process of their own. */
export interface Clients {
  count(): Promise<ClientsCount>
  /** Ends the process, and its connections; may be called twice. */
  stop(): Promise<void>
}

const clientProgram = fileURLToPath(new URL('gateway-clients.ts', import.meta.url))
const NODE = ['--import', 'tsx']

/** Starts everything on free ports of loopback, the gateways with these settings besides their defaults. */
export async function startGatewayWorld(
  gateways: number,
  settings: Readonly<Record<string, string>> = {}
): Promise<GatewayWorld> {
  const { nats, broker, stop } = await startTestSite()
  const started = await Promise.all(
    Array.from({ length: gateways }, () => startService('gateway', nats.url, settings))
  )
  const clients: Clients[] = []
  return {
    broker,
    nats,
    gateways: started,
    async startClients(plan) {
      const port = Number(new URL(started[0]?.address ?? '').port)
      const some = await startClients({ ...plan, port })
      clients.push(some)
      return some
    },
    async jetstream(call) {
      const reply = await broker.request(`$JS.API.${call}`, '', { timeoutMs: 5_000 })
      return JSON.parse(reply.text()) as Readonly<Record<string, unknown>>
    },
    async close() {
      await Promise.all(clients.map(some => some.stop()))
      await Promise.all(started.map(gateway => gateway.stop()))
      await stop()
    }
  }
}

/** Starts a process of clients; resolves when all are live, throws where one is refused. */
export async function startClients(plan: ClientsPlan): Promise<Clients> {
  const child = fork(clientProgram, [JSON.stringify(plan)], { execArgv: NODE })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => {
    throw new Error(`the process of the clients ended with ${code}`)
  })
  failed.catch(() => {})
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const answer = (): Promise<unknown> => Promise.race([once(child, 'message'), failed])
  await answer()
  return {
    async count() {
      child.send('count')
      const [count] = (await answer()) as [ClientsCount]
      return count
    },
    async stop() {
      process.off('exit', kill)
      kill()
      await ended
    }
  }
}

/** Samples whose data record is about `bytes` long, and whose field `n` counts per subject. */
export function createSampler(bytes: number): (subject: string) => Uint8Array {
  const counts = new Map<string, number>()
  const padding = 'x'.repeat(Math.max(0, bytes - 40))
  return subject => {
    const n = (counts.get(subject) ?? 0) + 1
    counts.set(subject, n)
    return encodeSample({
      sndStamp: Date.now() / 1000 + 37,
      rcvStamp: 0,
      seqNum: n,
      origin: 1,
      identity: 'Bench',
      revCode: '',
      fields: encodeMsgpack({ n: n + 0.5, padding }),
      uncatalogued: false
    })
  }
}

/** A load that is being published until it is stopped. */
export interface Publishing {
  /** Messages so far. */
  sent(): number
  stop(): void
}

/** How much of what is published. */
export interface Load {
  readonly perSecond: number
  readonly subjects: readonly string[]
  /** The next message of a subject. */
  payload(subject: string): Uint8Array | string
}

/**
 * Publishes over the subjects in turn, every few ms what is due, until told to stop. Up to 250 a second are
 * published one by one.
 */
export function startPublishing(broker: Broker, { perSecond, subjects, payload }: Load): Publishing {
  const from = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - from) / 1000) * perSecond)
    for (; sent < due; sent++) {
      const subject = subjects[sent % subjects.length] as string
      broker.publish(subject, payload(subject))
    }
  }, 4)
  return { sent: () => sent, stop: () => clearInterval(timer) }
}

/** Messages that a stream has taken. */
export const lastSeqOf = async (broker: Broker, stream: string): Promise<number> =>
  (await streamState(broker, stream)).lastSeq

/** A pause between a start and a measurement, for compilers to warm up. */
export const settle = (ms: number): Promise<void> => sleep(ms)
