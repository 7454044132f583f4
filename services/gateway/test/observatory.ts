import { randomUUID } from 'node:crypto'
import { append, type Broker, ensureStreams, streamTable } from '@meridian/broker'
import { startTestSite, type TestSiteOptions } from '@meridian/broker/testing'
import { encodeMsgpack } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import type { TestNats } from '@meridian/testing'

/** A real broker with the streams of a site, and somebody who publishes there. */
export interface Observatory {
  readonly nats: TestNats
  readonly broker: Broker
  /** Publishes one sample whose field `n` counts per subject; resolves with its sequence number. */
  put(subject: string, fields?: Record<string, unknown>): Promise<number>
  /** Publishes without waiting for the stream. */
  say(subject: string, data?: Uint8Array): void
  /** How many samples a subject has had. */
  count(subject: string): number
  makeStreams(): Promise<void>
  /** JetStream's own API, for what no service of ours does. */
  jetstream(call: string, body?: object): Promise<unknown>
  stop(): Promise<void>
}

/** The bytes of a sample. */
const sampleOf = (fields: Record<string, unknown>): Uint8Array =>
  encodeSample({
    sndStamp: 1_795_000_000.25,
    rcvStamp: 1_795_000_000.5,
    seqNum: 1,
    origin: 1,
    identity: 'MTMount',
    revCode: 'abc',
    fields: encodeMsgpack(fields),
    uncatalogued: false
  })

/** Starts a broker and makes the streams, and the buckets of users and keys where they are asked for. */
export async function startObservatory(options: Pick<TestSiteOptions, 'buckets'> = {}): Promise<Observatory> {
  const { nats, broker, log, stop } = await startTestSite(options)
  const counts = new Map<string, number>()
  const next = (subject: string): number => {
    const n = (counts.get(subject) ?? 0) + 1
    counts.set(subject, n)
    return n
  }
  const makeStreams = async (): Promise<void> => {
    await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  }
  return {
    nats,
    broker,
    makeStreams,
    async put(subject, fields) {
      const data = sampleOf(fields ?? { n: next(subject) })
      return (await append(broker, { subject, data, id: randomUUID() })).seq
    },
    say(subject, data) {
      broker.publish(subject, data ?? sampleOf({ n: next(subject) }))
    },
    count: subject => counts.get(subject) ?? 0,
    async jetstream(call, body) {
      const reply = await broker.request(`$JS.API.${call}`, body === undefined ? '' : JSON.stringify(body), {
        timeoutMs: 5_000
      })
      return JSON.parse(reply.text())
    },
    stop
  }
}
