import { streamNames } from '@meridian/subjects'
import { createTestLog, startLink, startNats, type TestNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  append,
  type Broker,
  connectBroker,
  ensureStreams,
  firstMessage,
  lastMessage,
  lastValues,
  messageAt,
  nextMessage,
  openPart,
  previousMessage,
  type ReadOptions,
  readStream,
  type StreamMessage,
  streamState,
  streamTable
} from '../src/index.ts'

const log = createTestLog()
const laptop = streamTable('summit', 'laptop')
const text = (message: StreamMessage | undefined): string => Buffer.from(message?.data ?? []).toString()

async function setUp(t: Test): Promise<{ nats: TestNats; broker: Broker }> {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  await ensureStreams(broker, laptop, log)
  return { nats, broker }
}

const configOf = async (broker: Broker, stream: string) =>
  JSON.parse((await broker.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeoutMs: 2000 })).text()).config

t.test('the laptop keeps to two gibibytes in all, and binds its own site', async t => {
  t.ok(laptop.reduce((sum, spec) => sum + spec.maxBytes, 0) <= 2 * 1024 ** 3)
  for (const subject of laptop.flatMap(spec => spec.subjects)) t.match(subject, /^[a-z.]+\.summit\.>$/)
  t.same(
    laptop.map(spec => spec.name),
    streamNames
  )
  t.same(
    laptop.filter(spec => spec.whenFull === 'refuse').map(spec => spec.name),
    ['COMMANDS', 'JOBS', 'AUDIT']
  )
})

t.test(
  'streams are created once; again changes nothing, a new limit updates and keeps the epoch',
  async t => {
    const nats = await startNats()
    t.teardown(() => nats.stop())
    const broker = await connectBroker({ servers: nats.url, name: 'test', log })
    t.teardown(() => broker.drain())
    const outcomes = async (specs: typeof laptop) =>
      (await ensureStreams(broker, specs, log)).map(one => one.outcome)
    t.same(new Set(await outcomes(laptop)), new Set(['created']))
    const { epoch } = await streamState(broker, 'EVT')
    t.match(epoch, /^[0-9a-f-]{36}$/)
    t.same(new Set(await outcomes(laptop)), new Set(['unchanged']))
    const wider = laptop.map(spec => (spec.name === 'EVT' ? { ...spec, maxPerSubject: 2_000 } : spec))
    t.same(
      (await outcomes(wider)).filter(outcome => outcome !== 'unchanged'),
      ['updated']
    )
    t.equal((await streamState(broker, 'EVT')).epoch, epoch)
    t.equal((await configOf(broker, 'EVT')).max_msgs_per_subject, 2_000)
    t.match(await configOf(broker, 'COMMANDS'), { discard: 'new', allow_direct: true })
    t.match(await configOf(broker, 'JOBS'), { retention: 'workqueue' })
  }
)

t.test('a stream that would lose messages is not made smaller without being told so', async t => {
  const { broker } = await setUp(t)
  const smaller = laptop.map(spec => (spec.name === 'EVT' ? { ...spec, maxPerSubject: 10 } : spec))
  await append(broker, { subject: 'evt.summit.Test.0.a', data: '1' })
  await t.rejects(ensureStreams(broker, smaller, log), {
    code: 'BRK_STREAM_SHRINK',
    facts: { stream: 'EVT' }
  })
  t.equal((await configOf(broker, 'EVT')).max_msgs_per_subject, 1_000)
  await ensureStreams(broker, smaller, log, { mayShrink: true })
  t.equal((await configOf(broker, 'EVT')).max_msgs_per_subject, 10)
})

t.test('an expectation lets one writer through and refuses the other', async t => {
  const { broker } = await setUp(t)
  const subject = 'ack.summit.Test.0.id1'
  const first = await append(broker, { subject, data: 'dispatching', expect: { seq: 0 } })
  t.match(first, { stream: 'COMMANDS', seq: 1, duplicate: false })
  await t.rejects(append(broker, { subject, data: 'other', expect: { seq: 0 } }), {
    code: 'BRK_WRONG_SEQUENCE'
  })
  await append(broker, { subject, data: 'complete', expect: { seq: first.seq } })
  t.equal(text(await lastMessage(broker, 'COMMANDS', subject)), 'complete')
})

t.test('an id is taken once, whatever the partition and component', async t => {
  const { broker } = await setUp(t)
  const filter = 'intake.summit.*.*.*.id1'
  const take = (csc: string) =>
    append(broker, { subject: `intake.summit.3.${csc}.0.id1`, data: csc, expect: { seq: 0, filter } })
  await take('MTMount')
  await t.rejects(take('MTDome'), { code: 'BRK_WRONG_SEQUENCE' })
  t.equal((await streamState(broker, 'COMMANDS')).messages, 1)
})

t.test('an answer that was lost is asked for again, and our own success is recognised', async t => {
  const { nats, broker } = await setUp(t)
  const link = await startLink(nats.port)
  t.teardown(() => link.stop())
  const far = await connectBroker({ servers: `127.0.0.1:${link.port}`, name: 'far', log })
  t.teardown(() => far.drain())
  const subject = 'ack.summit.Test.0.id2'
  link.cutAnswers()
  const appending = append(far, { subject, data: 'once', expect: { seq: 0 }, timeoutMs: 15_000 })
  await waitFor(() => lastMessage(broker, 'COMMANDS', subject), { what: 'it is stored' })
  link.cut()
  link.mend()
  t.match(await appending, { seq: 1, duplicate: true })
  t.equal((await streamState(broker, 'COMMANDS')).messages, 1)
})

t.test('a subject that no stream takes, and a stream that is full, are told apart', async t => {
  const { broker } = await setUp(t)
  await t.rejects(append(broker, { subject: 'nowhere.at.all', data: 'x', timeoutMs: 300 }), {
    code: 'BRK_NO_RESPONDERS'
  })
  const tiny = laptop.map(spec => (spec.name === 'AUDIT' ? { ...spec, maxBytes: 500 } : spec))
  await ensureStreams(broker, tiny, log)
  const fill = async () => {
    for (let n = 0; n < 20; n++)
      await append(broker, { subject: 'audit.summit.login', data: 'x'.repeat(50), timeoutMs: 500 })
  }
  await t.rejects(fill(), { code: 'BRK_STREAM_FULL' })
})

t.test('a message is read by its sequence or its subject; what is not there is undefined', async t => {
  const { broker } = await setUp(t)
  const before = Date.now() * 1000
  const { seq } = await append(broker, { subject: 'evt.summit.Test.0.a', data: 'one' })
  await append(broker, { subject: 'evt.summit.Test.0.b', data: '' })
  const message = await messageAt(broker, 'EVT', seq)
  t.match(message, { stream: 'EVT', seq: 1, subject: 'evt.summit.Test.0.a' })
  t.equal(text(message), 'one')
  t.ok(Math.abs((message?.timeUs ?? 0) - before) < 5e6)
  t.equal((await lastMessage(broker, 'EVT', 'evt.summit.Test.0.b'))?.data.length, 0)
  t.equal(await messageAt(broker, 'EVT', 99), undefined)
  t.equal(await lastMessage(broker, 'EVT', 'evt.summit.Test.0.none'), undefined)
  await t.rejects(lastMessage(broker, 'NOPE', 'x'), { code: 'BRK_NO_STREAM' })
  t.match(await streamState(broker, 'EVT'), { firstSeq: 1, lastSeq: 2, messages: 2, maxPerSubject: 1_000 })
})

t.test('a part of a stream is read within its bounds, and leaves no consumer behind', async t => {
  const { broker } = await setUp(t)
  for (let n = 1; n <= 60; n++)
    await append(broker, { subject: `tel.summit.Test.0.t${n % 3}`, data: String(n) })
  const all: ReadOptions = {
    stream: 'TEL',
    subjects: [],
    from: { seq: 1 },
    maxMessages: 1000,
    maxBytes: 1e6,
    timeoutMs: 5000
  }
  const read = async (options: Partial<ReadOptions>): Promise<number[]> => {
    const seen: number[] = []
    for await (const message of readStream(broker, { ...all, ...options })) seen.push(message.seq)
    return seen
  }
  t.equal((await read({})).length, 60)
  t.same(await read({ from: { seq: 58 } }), [58, 59, 60])
  t.same(await read({ from: { seq: 5 }, toSeq: 7 }), [5, 6, 7])
  t.same((await read({ subjects: ['tel.summit.Test.0.t1'] })).slice(0, 3), [1, 4, 7])
  t.equal((await read({ subjects: ['tel.summit.Test.0.t1', 'tel.summit.Test.0.t2'] })).length, 40)
  t.same(await read({ subjects: ['tel.summit.Other.>'] }), [])
  const overlapping = ['tel.*.Test.0.t1', 'tel.summit.*.0.t2', 'tel.summit.Test.0.t2']
  t.equal((await read({ subjects: overlapping })).length, 40, 'filters that the server refuses together')
  t.same(await read({ maxMessages: 2 }), [1, 2])
  t.same(await read({ from: { seq: 10 }, maxBytes: 6 }), [10, 11, 12])
  t.same(await read({ from: { seq: 61 } }), [])
  const fromTime = (await messageAt(broker, 'TEL', 31))?.timeUs ?? 0
  t.equal((await read({ from: { timeUs: fromTime } }))[0], 31)
  t.same(await read({ from: { timeUs: Date.now() * 1000 + 1e9 } }), [])
  const part = await openPart(broker, {
    stream: 'TEL',
    subjects: ['tel.summit.Test.0.t1'],
    from: { seq: 50 }
  })
  t.match(part, { messages: 3 }, 'a part is counted before it is read')
  const counted: number[] = []
  for await (const { seq } of part.read({ ...all, toSeq: 57 })) counted.push(seq)
  t.same(counted, [52, 55])
  t.equal((await firstMessage(broker, 'TEL', 'tel.summit.Test.0.t0'))?.seq, 3)
  t.equal(await firstMessage(broker, 'TEL', 'tel.summit.Other.0.t0'), undefined)
  const t1 = 'tel.summit.Test.0.t1'
  t.equal((await nextMessage(broker, 'TEL', { subject: t1, fromSeq: 5 }))?.seq, 7)
  t.equal((await nextMessage(broker, 'TEL', { subject: t1, fromSeq: 58 }))?.seq, 58)
  t.equal(await nextMessage(broker, 'TEL', { subject: t1, fromSeq: 59 }), undefined)
  const upTo = async (bound: { seq: number } | { timeUs: number }): Promise<number | undefined> =>
    (await previousMessage(broker, 'TEL', { subject: t1, upTo: bound }))?.seq
  t.equal(await upTo({ seq: 9 }), 7)
  t.equal(await upTo({ seq: 7 }), 7)
  t.equal(await upTo({ timeUs: Date.now() * 1000 + 1e6 }), 58)
  t.equal(await upTo({ timeUs: fromTime - 60e6 }), undefined, 'before the stream was')
  for await (const message of readStream(broker, all)) if (message.seq === 3) break
  const lasts: number[] = []
  for await (const { seq } of lastValues(broker, { stream: 'TEL', subjects: overlapping })) lasts.push(seq)
  t.same(lasts, [58, 59])
  const left = async () =>
    JSON.parse((await broker.request('$JS.API.CONSUMER.NAMES.TEL', '', { timeoutMs: 2000 })).text()).total
  await waitFor(async () => (await left()) === 0, { what: 'readers are gone' })
})
