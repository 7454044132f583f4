import { createTestLog, startNats, type TestNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  append,
  askPatiently,
  type Broker,
  connectBroker,
  ensureStreams,
  lastMessage,
  lastValues,
  openPart,
  readStream,
  streamState,
  streamTable
} from '../src/index.ts'

const log = createTestLog()
const streams = streamTable('summit', 'laptop')
const subject = 'tel.summit.Test.0.a'
const COUNT = 4_000
const everything = {
  ...{ stream: 'TEL', subjects: ['tel.summit.>'], from: { seq: 1 } },
  ...{ maxMessages: 100_000, maxBytes: 1e8, timeoutMs: 25_000 }
}

async function setUp(t: Test): Promise<{ nats: TestNats; broker: Broker }> {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  await ensureStreams(broker, streams, log)
  return { nats, broker }
}

async function fill(broker: Broker, count = COUNT): Promise<void> {
  const before = (await streamState(broker, 'TEL')).lastSeq
  for (let n = 0; n < count; n++) {
    broker.publish(subject, String(n))
    if (n % 1_000 === 999) await stored(broker, before + n + 1)
  }
  await stored(broker, before + count)
}

const stored = (broker: Broker, seq: number): Promise<unknown> =>
  waitFor(async () => (await streamState(broker, 'TEL')).lastSeq >= seq, {
    what: 'all is stored',
    everyMs: 5
  })

/** Reads all of the stream; `disturb` runs when the first messages are there. */
async function readDisturbed(broker: Broker, disturb: () => Promise<unknown>): Promise<number[]> {
  const seen: number[] = []
  for await (const { seq } of readStream(broker, everything)) {
    if (seen.length === 0) await disturb()
    seen.push(seq)
  }
  return seen
}

const allSeqs = Array.from({ length: COUNT }, (_, i) => i + 1)
const ask = (broker: Broker) => lastMessage(broker, 'TEL', subject)

t.test('a broker that stands still for seconds in the middle of a part costs time, no message', async t => {
  const { nats, broker } = await setUp(t)
  await fill(broker)
  const seen = await readDisturbed(broker, async () => {
    await nats.freeze()
    // Each of them waits for 1.5 s: longer than the silence after which a consumer counts as gone.
    await t.rejects(ask(broker), { code: 'BRK_TIMEOUT' })
    await t.rejects(ask(broker), { code: 'BRK_TIMEOUT' })
    nats.thaw()
  })
  t.same(seen, allSeqs)
})

t.test('a consumer that is removed in the middle of a part is replaced', async t => {
  const { broker } = await setUp(t)
  await fill(broker)
  const api = async (call: string): Promise<{ consumers?: string[]; success?: boolean }> =>
    JSON.parse((await broker.request(`$JS.API.CONSUMER.${call}`, '', { timeoutMs: 5_000 })).text())
  const removeAll = async (): Promise<void> => {
    for (const name of (await api('NAMES.TEL')).consumers ?? []) await api(`DELETE.TEL.${name}`)
  }
  t.same(await readDisturbed(broker, removeAll), allSeqs)
  const lasts: number[] = []
  for await (const { seq } of lastValues(broker, { stream: 'TEL', subjects: [] })) lasts.push(seq)
  t.same(lasts, [COUNT])
})

t.test('what is removed before it is read is the end of a part, not a wait for its bound', async t => {
  const { broker } = await setUp(t)
  await fill(broker, 10)
  const part = await openPart(broker, everything)
  t.equal(part.messages, 10)
  await broker.request('$JS.API.STREAM.PURGE.TEL', '', { timeoutMs: 5_000 })
  const seen: number[] = []
  for await (const { seq } of part.read({ ...everything, toSeq: 10, timeoutMs: 600_000 })) seen.push(seq)
  t.same(seen, [])
})

t.test('a stream that is made anew in the middle of a part ends it with an error', async t => {
  const { broker } = await setUp(t)
  // So many that the broker deletes the stream long before the last of them has been asked for.
  await fill(broker, 10 * COUNT)
  const again = async (): Promise<void> => {
    await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 5_000 })
    await ensureStreams(broker, streams, log)
    await append(broker, { subject, data: 'new' })
  }
  await t.rejects(readDisturbed(broker, again), {
    code: 'BRK_NO_STREAM',
    // It may be asked for at the moment at which there is none.
    message: /'TEL' was made anew while it was read|stream not found/
  })
})

t.test('a part is left at once when its reader goes away', async t => {
  const { nats, broker } = await setUp(t)
  await fill(broker)
  const gone = new AbortController()
  const part = await openPart(broker, everything)
  const seen: number[] = []
  for await (const { seq } of part.read({ ...everything, toSeq: COUNT, signal: gone.signal })) {
    if (seen.length === 0) {
      await nats.freeze()
      gone.abort()
    }
    seen.push(seq)
  }
  nats.thaw()
  t.ok(seen.length > 0 && seen.length < COUNT, `${seen.length} were there already`)
})

t.test('asking patiently outlasts a broker that stands still, up to its time', async t => {
  const { nats, broker } = await setUp(t)
  await append(broker, { subject, data: 'x' })
  await nats.freeze()
  const untilMs = (ms: number): number => performance.now() + ms
  await t.rejects(
    askPatiently(broker, () => ask(broker), { untilMs: untilMs(200) }),
    { code: 'BRK_TIMEOUT', message: /it is connected but slow/ }
  )
  const gone = new AbortController()
  const left = askPatiently(broker, () => ask(broker), { untilMs: untilMs(25_000), signal: gone.signal })
  gone.abort(new RangeError('client is gone'))
  await t.rejects(left, { message: 'client is gone' })

  let tries = 0
  const patient = askPatiently(
    broker,
    () => {
      if (++tries === 2) nats.thaw()
      return ask(broker)
    },
    { untilMs: untilMs(25_000) }
  )
  t.match(await patient, { seq: 1 })
  t.ok(tries >= 2, 'the first try was not answered in time')

  await nats.kill9()
  await waitFor(() => broker.state() === 'disconnected', { what: 'the connection is lost' })
  const away = askPatiently(broker, () => ask(broker), { untilMs: untilMs(600_000) })
  await t.rejects(away, { code: 'BRK_UNAVAILABLE' }, 'a broker that is away is not waited for')
})
