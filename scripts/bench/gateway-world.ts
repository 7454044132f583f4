import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Broker, ensureStreams, streamState, streamTable } from '@meridian/broker'
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
  startClients(plan: Omit<ClientsPlan, 'port'>): Promise<Clients>
  /** The answer of `$JS.API.<call>`. */
  jetstream(call: string): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

/** Clients in a process of their own. */
export interface Clients {
  count(): Promise<ClientsCount>
  stop(): void
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const NODE = ['--import', 'tsx']

/** Starts everything on free ports of loopback. */
export async function startGatewayWorld(gateways: number): Promise<GatewayWorld> {
  const { nats, broker, log, stop } = await startTestSite()
  await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  const started = await Promise.all(Array.from({ length: gateways }, () => startService('gateway', nats.url)))
  const children: ChildProcess[] = []
  return {
    broker,
    nats,
    gateways: started,
    async startClients(plan) {
      const port = Number(new URL(started[0]?.address ?? '').port)
      const child = fork(here('gateway-clients.ts'), [JSON.stringify({ ...plan, port })], { execArgv: NODE })
      children.push(child)
      await once(child, 'message')
      return {
        async count() {
          child.send('count')
          const [count] = (await once(child, 'message')) as [ClientsCount]
          return count
        },
        stop: () => child.disconnect()
      }
    },
    async jetstream(call) {
      const reply = await broker.request(`$JS.API.${call}`, '', { timeoutMs: 5_000 })
      return JSON.parse(reply.text()) as Readonly<Record<string, unknown>>
    },
    async close() {
      const alive = children.filter(child => child.exitCode === null && child.signalCode === null)
      const ended = alive.map(child => once(child, 'exit'))
      for (const child of alive) child.kill('SIGKILL')
      await Promise.all([...ended, ...started.map(gateway => gateway.stop())])
      await stop()
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

/**
 * Publishes `perSecond` messages over the subjects in turn, every few ms, until told to stop; gives how many
 * there were.
 */
export function startPublishing(
  broker: Broker,
  subjects: readonly string[],
  { perSecond, bytes }: { perSecond: number; bytes: number }
): () => number {
  const sample = createSampler(bytes)
  const from = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - from) / 1000) * perSecond)
    for (; sent < due; sent++) {
      const subject = subjects[sent % subjects.length] as string
      broker.publish(subject, sample(subject))
    }
  }, 4)
  return () => {
    clearInterval(timer)
    return sent
  }
}

/** Messages that a stream has taken. */
export const lastSeqOf = async (broker: Broker, stream: string): Promise<number> =>
  (await streamState(broker, stream)).lastSeq

/** A pause between a start and a measurement, for compilers to warm up. */
export const settle = (ms: number): Promise<void> => sleep(ms)
