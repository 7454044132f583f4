import { createHistory, createTestLog, type TestNats, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import {
  type Broker,
  createFollower,
  createPublisher,
  type Publisher,
  type PublisherOptions,
  readStream
} from '../src/index.ts'
import { startTestSite } from '../testing/index.ts'

const encoder = new TextEncoder()

/** One of the telemetry subjects of the test component. */
export const subjectOf = (n: number): string => `tel.summit.Test.0.topic${n}`

/** A broker that ends with the test. */
export async function setUp(t: Test, config = ''): Promise<{ nats: TestNats; broker: Broker }> {
  const { nats, broker, stop } = await startTestSite({ config })
  t.teardown(stop)
  return { nats, broker }
}

/** A publisher that ends with the test. */
export function publisherOn(t: Test, broker: Broker, options: Partial<PublisherOptions> = {}): Publisher {
  const publisher = createPublisher(broker, { log: createTestLog(), ...options })
  t.teardown(() => publisher.stop())
  return publisher
}

/** A message of telemetry unless told otherwise. */
export const publishOne = (
  subject: string,
  id: string,
  kind: 'telemetry' | 'event' = 'telemetry',
  bytes = 10
) => ({
  subject,
  data: new Uint8Array(bytes),
  id,
  kind
})

/** All that a stream has, to be read. */
export const everything = {
  subjects: [],
  from: { seq: 1 },
  maxMessages: 1e6,
  maxBytes: 1e9,
  timeoutMs: 10_000
} as const

/** The sizes of the messages of a subject in a stream, in its order. */
export async function storedSizes(broker: Broker, subject: string, stream = 'TEL'): Promise<number[]> {
  const sizes: number[] = []
  for await (const message of readStream(broker, { ...everything, subjects: [subject], stream }))
    sizes.push(message.data.length)
  return sizes
}

/** Publishes and follows at the same time; the history judges. The fewer subjects, the more wait behind each. */
export async function startTraffic(t: Test, broker: Broker, { subjects = 50, perMs = 2, stamp = 'a' } = {}) {
  const history = createHistory()
  const publisher = publisherOn(t, broker)
  const follower = createFollower(broker, {
    name: 'check',
    stream: 'TEL',
    start: { kind: 'since', ms: 60_000 },
    onMessage: m => history.received(m.subject, Buffer.from(m.data).toString()),
    onReset: reason => t.fail(`reset: ${reason}`),
    log: createTestLog()
  })
  await follower.start()
  t.teardown(() => follower.stop())
  let n = 0
  const publishSome = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const subject = subjectOf(n % subjects)
      const id = `${stamp}:${n++}`
      history.published(subject, id)
      publisher.publish({ subject, data: encoder.encode(id), id: `Test:0:${id}`, kind: 'telemetry' })
    }
  }
  const timer = setInterval(() => publishSome(5 * perMs), 5)
  t.teardown(() => clearInterval(timer))
  return {
    history,
    publisher,
    follower,
    count: () => n,
    publishSome,
    async finish() {
      clearInterval(timer)
      t.ok(await publisher.flush(20_000), 'all settled')
      await waitFor(() => history.report().lost.length === 0, {
        what: 'everything arrives',
        timeoutMs: 15_000
      })
      history.verify()
      t.match(publisher.stats(), { acked: n, pending: 0, spoolBytes: 0, droppedTelemetry: 0, refused: 0 })
    }
  }
}
