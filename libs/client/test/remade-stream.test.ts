import { append, ensureStreams, streamTable } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { telemetryOf } from '@meridian/subjects'
import { startLink, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { createClient } from '../src/index.ts'
import { startGateway } from './real-gateway.ts'

/** TAI minus UTC, seconds. */
const TAI_AHEAD = 37
const writer = createFieldsWriter([{ name: 'n', type: 'long', count: 1 }])
const subjectOf = (topic: string): string => telemetryOf({ site: 'summit', csc: 'Test', index: 0, topic })

const { nats, broker, log, stop } = await startTestSite()
t.teardown(stop)
const gateway = await startGateway(nats.url, 'gw')
t.teardown(() => gateway.end('SIGKILL'))

/** Stores a message; its stamp is its number, so that a backup of it has the stamp of before. */
async function put(topic: string, n: number): Promise<void> {
  const stamp = 1_795_000_000 + TAI_AHEAD + n
  const envelope = { origin: 1, identity: 'Test', revCode: '', uncatalogued: false }
  const sample = { ...envelope, sndStamp: stamp, rcvStamp: stamp, seqNum: n, fields: writer({ n }) }
  await append(broker, { subject: subjectOf(topic), data: encodeSample(sample) })
}

/** A client that reads last values, and what it was given. */
async function follow(t: Test, port: number) {
  // One attempt alone, when the test says so: what a client saw two attempts ago it has forgotten.
  const backoff = { baseMs: 3_600_000, capMs: 3_600_000 }
  const client = createClient({ url: `ws://127.0.0.1:${port}/live`, backoff })
  t.teardown(() => client.close())
  const seen: string[] = []
  const outcomes: string[] = []
  let live = 0
  client.subscribe<{ n: number }>([{ pattern: 'tel.summit.Test.0.*', quality: 'latest', rate: 20 }], {
    onData: ({ parts, fields }) => void seen.push(`${parts.topic} ${fields.n}`),
    onOutcome: ({ kind, stream }) => void outcomes.push(`${stream} ${kind}`),
    onLive: () => void live++
  })
  client.connect()
  const isLive = (times: number) => waitFor(() => live === times, { what: 'live', timeoutMs: 20_000 })
  await isLive(1)
  return { client, seen, outcomes, isLive }
}

/** Deletes the stream and makes it anew while a client is away; `fill` puts into it what it holds then. */
async function remadeWhileAway(t: Test, fill: () => Promise<void>) {
  for (let n = 1; n <= 20; n++) await put(n % 2 === 0 ? 'even' : 'odd', n)
  const link = await startLink(gateway.port)
  t.teardown(() => link.stop())
  const away = await follow(t, link.port)
  const witness = await follow(t, gateway.port)
  t.same([...away.seen].sort(), ['even 20', 'odd 19'])
  link.cut()
  await waitFor(() => away.client.status().state === 'waiting', { what: 'the pause' })
  await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 5000 })
  await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  await waitFor(() => witness.outcomes.includes('TEL reset'), { what: 'the reset', timeoutMs: 20_000 })
  await fill()
  link.mend()
  away.client.probe()
  await away.isLive(2)
  away.seen.length = 0
  return away
}

const isSeen = (seen: readonly string[], text: string): Promise<unknown> =>
  waitFor(() => seen.includes(text), { what: `update '${text}'`, timeoutMs: 5000 })

t.test('last values of a stream that was made anew while the client was away all come', async t => {
  const { seen } = await remadeWhileAway(t, async () => undefined)
  // Sequence numbers begin at 1 again, far below those that the client had seen.
  await put('even', 22)
  await isSeen(seen, 'even 22')
  await put('odd', 23)
  await isSeen(seen, 'odd 23')
})

t.test('what comes after a restored backup comes at once, below the old numbers too', async t => {
  const { seen } = await remadeWhileAway(t, async () => {
    for (let n = 1; n <= 10; n++) await put(n % 2 === 0 ? 'even' : 'odd', n)
  })
  await put('even', 22)
  await isSeen(seen, 'even 22')
  await put('odd', 23)
  await isSeen(seen, 'odd 23')
  t.notOk(seen.includes('even 10'), 'a value that is older than the one shown is none')
})
