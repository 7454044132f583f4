// The broker of a test: what tests and benches of every package begin with. Never imported by what ships.
import { createTestLog, startNats, type TestLog, type TestNats } from '@meridian/testing'
import {
  type Broker,
  bucketTable,
  connectBroker,
  ensureBuckets,
  ensureStreams,
  readStream,
  type StreamSpec,
  streamState,
  streamTable
} from '../src/index.ts'
import { internalsOf } from '../src/internals.ts'

/** What a test site is made from. */
export interface TestSiteOptions {
  /** Lines added to the configuration of nats-server; default none. */
  readonly config?: string
  /** Streams that are created; default those of the laptop profile of the site `summit`. */
  readonly streams?: readonly StreamSpec[]
  /** Whether the buckets of users, sessions and keys are made too; default: no. */
  readonly buckets?: boolean
}

/** A nats-server of its own with the streams of a site, and a connection to it. */
export interface TestSite {
  readonly nats: TestNats
  readonly broker: Broker
  readonly log: TestLog
  /** Drains the connection and ends the server. */
  stop(): Promise<void>
}

/** Starts a test site on a free port of loopback; whoever starts it stops it. */
export async function startTestSite({
  config = '',
  streams = streamTable('summit', 'laptop'),
  buckets = false
}: TestSiteOptions = {}): Promise<TestSite> {
  const nats = await startNats({ config })
  const log = createTestLog()
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  await ensureStreams(broker, streams, log)
  if (buckets) await ensureBuckets(broker, bucketTable('laptop'))
  return {
    nats,
    broker,
    log,
    async stop() {
      await broker.drain()
      await nats.stop()
    }
  }
}

/** What a stream of JSON holds under a pattern, the oldest first, each with its subject; at most a thousand. */
export async function storedJson(
  broker: Broker,
  stream: string,
  pattern: string
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { lastSeq: toSeq } = await streamState(broker, stream)
  if (toSeq === 0) return []
  const bounds = { maxMessages: 1_000, maxBytes: 10_000_000, timeoutMs: 5_000 }
  const records: Readonly<Record<string, unknown>>[] = []
  const range = { stream, subjects: [pattern], from: { seq: 1 }, toSeq }
  for await (const { subject, data } of readStream(broker, { ...range, ...bounds }))
    records.push({ subject, ...JSON.parse(Buffer.from(data).toString()) })
  return records
}

/** Calls `listener` for each operation that the broker refuses to a connection, such as `publish` on `a.b`. */
export function onRefused(
  broker: Broker,
  listener: (operation: 'publish' | 'subscription', subject: string) => void
): void {
  internalsOf(broker).permissionListeners.add((operation, subject) => {
    listener(operation, subject)
    return false
  })
}
