import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { type Broker, ensureStreams, streamState, streamTable } from '../src/index.ts'
import { publisherOn, publishOne, setUp, startTraffic, storedSizes, subjectOf } from './publisher-world.ts'

const sizes = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)

/** Publishes messages of 1, 2, 3 … bytes on a subject, so that their sizes tell their order. */
function publishBacklog(t: Parameters<typeof publisherOn>[0], broker: Broker, count: number) {
  const publisher = publisherOn(t, broker)
  for (const size of sizes(count)) publisher.publish(publishOne(subjectOf(0), `b${size}`, 'telemetry', size))
  return publisher
}

/** Subjects on which the publisher wants answers of batches, in the order of the messages. */
async function batchReplies(broker: Broker, subject: string): Promise<string[]> {
  const replies: string[] = []
  broker.subscribe(subject, ({ reply = '' }) => {
    if (reply.endsWith('.$FI')) replies.push(reply)
  })
  await broker.flush()
  return replies
}

async function setTakesBatches(broker: Broker, takesBatches: boolean): Promise<void> {
  const ask = async (what: string, body = '') =>
    JSON.parse((await broker.request(`$JS.API.STREAM.${what}.TEL`, body, { timeoutMs: 2_000 })).text())
  const { config } = await ask('INFO')
  await ask('UPDATE', JSON.stringify({ ...config, allow_batched: takesBatches }))
}

t.test('a backlog of one subject goes in batches, and is stored once and in order', async t => {
  const { broker } = await setUp(t)
  const publisher = publishBacklog(t, broker, 1_000)
  t.ok(await publisher.flush(10_000))
  t.same(await storedSizes(broker, subjectOf(0)), sizes(1_000))
  t.match(publisher.stats(), { acked: 1_000, batches: 16, splitBatches: 0, spoolBytes: 0 })
})

t.test('events go in batches too, and a batch is bounded in bytes', async t => {
  const { broker } = await setUp(t)
  const publisher = publisherOn(t, broker)
  for (let n = 0; n < 12; n++)
    publisher.publish(publishOne('evt.summit.Test.0.big', `e${n}`, 'event', n === 6 ? 300_000 : 100_000))
  t.ok(await publisher.flush(10_000))
  t.equal((await streamState(broker, 'EVT')).messages, 12)
  t.match(publisher.stats(), { acked: 12, batches: 4, splitBatches: 0 })
})

t.test('backlogs survive a killed and restarted broker: nothing is lost, repeated or reordered', async t => {
  const { nats, broker } = await setUp(t)
  const traffic = await startTraffic(t, broker, { subjects: 3, perMs: 20 })
  for (let round = 0; round < 3; round++) {
    const before = traffic.publisher.stats().acked
    await waitFor(() => traffic.publisher.stats().acked > before + 5_000, { what: 'traffic flows' })
    await nats.kill9()
    await nats.restart()
  }
  await traffic.finish()
  t.ok(traffic.publisher.stats().batches > 100)
  t.comment(JSON.stringify(traffic.publisher.stats()))
})

t.test('backlogs survive a broker that is frozen: nothing is lost, repeated or reordered', async t => {
  const { nats, broker } = await setUp(t)
  const traffic = await startTraffic(t, broker, { subjects: 3 })
  traffic.publishSome(30_000)
  await waitFor(() => traffic.publisher.stats().batches > 20, { what: 'batches flow', everyMs: 1 })
  await nats.freeze()
  await waitFor(() => traffic.publisher.stats().splitBatches > 0, { what: 'batches are split' })
  nats.thaw()
  await traffic.finish()
  t.comment(JSON.stringify(traffic.publisher.stats()))
})

t.test('a stream that takes no batches is asked once, and gets all of a backlog', async t => {
  const { broker } = await setUp(t)
  await setTakesBatches(broker, false)
  const replies = await batchReplies(broker, subjectOf(0))
  const publisher = publishBacklog(t, broker, 200)
  t.ok(await publisher.flush(10_000))
  t.same(await storedSizes(broker, subjectOf(0)), sizes(200))
  t.match(publisher.stats(), { acked: 200, batches: 0, duplicates: 0, refused: 0 })
  t.equal(replies.length, 1)
})

t.test('a stream that takes batches no longer gets all of a backlog, message by message', async t => {
  const { broker } = await setUp(t)
  const publisher = publishBacklog(t, broker, 500)
  await waitFor(() => publisher.stats().batches > 1, { what: 'batches flow', everyMs: 1 })
  await setTakesBatches(broker, false)
  for (let size = 501; size <= 600; size++)
    publisher.publish(publishOne(subjectOf(0), `b${size}`, 'telemetry', size))
  t.ok(await publisher.flush(10_000))
  t.same(await storedSizes(broker, subjectOf(0)), sizes(600))
  t.match(publisher.stats(), { acked: 600, refused: 0 })
})

t.test('a broker that answers each message knows no batches, and is asked once', async t => {
  const { broker } = await setUp(t)
  const replies = await batchReplies(broker, 'old.subject')
  const seen: number[] = []
  broker.subscribe('old.subject', message => {
    seen.push(message.data.length)
    message.respond(`{"stream":"OLD", "seq":${seen.length}}`)
  })
  await broker.flush()
  const publisher = publisherOn(t, broker)
  for (const size of sizes(50)) publisher.publish(publishOne('old.subject', `o${size}`, 'telemetry', size))
  t.ok(await publisher.flush(5_000))
  t.equal(replies.length, 1)
  t.match(publisher.stats(), { acked: 50, batches: 0 })
  t.same(
    seen.filter((size, i) => size !== seen[i - 1]),
    sizes(50)
  )
})

t.test('what is refused inside a batch is found, and the rest is stored in order', async t => {
  const { broker } = await setUp(t, 'max_payload: 2000')
  const publisher = publisherOn(t, broker)
  for (const size of sizes(100))
    publisher.publish(publishOne(subjectOf(0), `b${size}`, 'telemetry', size === 50 ? 3_000 : size))
  t.ok(await publisher.flush(5_000))
  t.same(
    await storedSizes(broker, subjectOf(0)),
    sizes(100).filter(size => size !== 50)
  )
  t.match(publisher.stats(), { acked: 99, refused: 1, splitBatches: 1 })
})

t.test('a batch of which a part is stored already is stored whole, without repeating it', async t => {
  const { broker } = await setUp(t)
  const first = publisherOn(t, broker)
  for (const size of [10, 11, 12]) first.publish(publishOne(subjectOf(0), `b${size}`, 'telemetry', size))
  t.ok(await first.flush(5_000))
  const publisher = publishBacklog(t, broker, 40)
  t.ok(await publisher.flush(5_000))
  t.equal((await storedSizes(broker, subjectOf(0))).length, 40)
  t.match(publisher.stats(), { acked: 40, splitBatches: 0 })
})

t.test('streams of before are given the setting, and keep their epoch', async t => {
  const { broker } = await setUp(t)
  await setTakesBatches(broker, false)
  const { epoch } = await streamState(broker, 'TEL')
  const outcomes = await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  t.same(
    outcomes.filter(({ outcome }) => outcome !== 'unchanged').map(({ name, outcome }) => [name, outcome]),
    [['TEL', 'updated']]
  )
  t.equal((await streamState(broker, 'TEL')).epoch, epoch)
  const publisher = publishBacklog(t, broker, 100)
  t.ok(await publisher.flush(5_000))
  t.ok(publisher.stats().batches > 0)
})

t.test('two publishers never give two batches the same name', async t => {
  const { broker } = await setUp(t)
  const replies = await batchReplies(broker, subjectOf(0))
  for (const publisher of [publishBacklog(t, broker, 100), publishBacklog(t, broker, 100)])
    t.ok(await publisher.flush(5_000))
  const partOf = (from: number, to: number): Set<string> =>
    new Set(replies.map(reply => reply.split('.').slice(from, to).join('.')))
  const names = partOf(-6, -5)
  const namesByInbox = partOf(0, -5)
  t.ok(names.size > 4)
  t.equal(names.size, namesByInbox.size)
})
