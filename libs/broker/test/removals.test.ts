import { removalsOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import {
  append,
  type Broker,
  createRemovals,
  ensureStreams,
  lastMessage,
  messagesBySubject,
  readStream,
  removeSubjects,
  streamHoles,
  streamState,
  streamTable
} from '../src/index.ts'
import { put, setUp, tel } from './follower-world.ts'

const noteOn = removalsOf('summit')
const place = { stream: 'AUDIT', subject: noteOn }
const epochOf = async (broker: Broker, stream: string): Promise<string> =>
  (await streamState(broker, stream)).epoch

t.test('what is removed on purpose is noted, and the stream has holes where it stood', async t => {
  const { broker } = await setUp(t)
  const removals = createRemovals(() => broker, place)
  const none = await removals.of('TEL', await epochOf(broker, 'TEL'))
  t.same([none.has(1), await none.countRemoved(1), none.upToOf(tel('a'))], [false, 0, 0])
  for (const topic of ['keep', 'a', 'a', 'keep', 'b', 'keep']) await put(broker, tel(topic), 'x')
  t.match(await removeSubjects(broker, { stream: 'TEL', filters: [tel('a')], noteOn }), { count: 2 })
  t.equal((await streamState(broker, 'TEL')).holes, 2)
  t.same(await streamHoles(broker, 'TEL'), [2, 3])
  const first = await removals.of('TEL', await epochOf(broker, 'TEL'))
  t.same([1, 2, 3, 4, 5].map(first.has), [false, true, true, false, false])
  t.same([first.upToOf(tel('a')), first.upToOf(tel('b'))], [6, 0])
  t.equal(await (await removals.of('EVT', await epochOf(broker, 'EVT'))).countRemoved(1), 0)

  t.match(await removeSubjects(broker, { stream: 'TEL', filters: [tel('b')], noteOn }), { count: 1 })
  const second = await removals.of('TEL', await epochOf(broker, 'TEL'))
  t.same(
    [await second.countRemoved(1), await second.countRemoved(3), await second.countRemoved(6)],
    [3, 2, 0]
  )
  t.match(await removeSubjects(broker, { stream: 'TEL', filters: [tel('b')], noteOn }), { count: 0 })
  t.equal((await lastMessage(broker, 'AUDIT', noteOn))?.seq, 2, 'where nothing is removed nothing is noted')

  await append(broker, { subject: noteOn, data: new TextEncoder().encode('no note') })
  t.ok((await removals.of('TEL', await epochOf(broker, 'TEL'))).has(5), 'what is no note is passed over')
})

t.test('a note says nothing of a stream that was made anew', async t => {
  const { broker } = await setUp(t)
  const removals = createRemovals(() => broker, place)
  await put(broker, tel('a'), 'x')
  await removeSubjects(broker, { stream: 'TEL', filters: [tel('a')], noteOn })
  const epoch = await epochOf(broker, 'TEL')
  const of = async (epoch: string): Promise<unknown[]> => {
    const removed = await removals.of('TEL', epoch)
    return [removed.has(1), await removed.countRemoved(1), removed.upToOf(tel('a'))]
  }
  t.same(await of(epoch), [true, 1, 1])
  t.same(await of('another'), [false, 0, 0])
  t.same(await of(epoch), [true, 1, 1])
})

t.test('notes are read on where the stream that keeps them was made anew', async t => {
  const { broker } = await setUp(t)
  const removals = createRemovals(() => broker, place)
  const epoch = await epochOf(broker, 'TEL')
  const forget = async (topic: string): Promise<void> => {
    await put(broker, tel(topic), 'x')
    await removeSubjects(broker, { stream: 'TEL', filters: [tel(topic)], noteOn })
  }
  const noted = async (): Promise<boolean[]> => {
    const removed = await removals.of('TEL', epoch)
    return [1, 2, 3, 4].map(removed.has)
  }
  await forget('a')
  await forget('b')
  t.same(await noted(), [true, true, false, false])
  await broker.request('$JS.API.STREAM.DELETE.AUDIT', '', { timeoutMs: 5_000 })
  t.same(await noted(), [true, true, false, false], 'what was read stays true')
  await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  await forget('c')
  t.same(await noted(), [true, true, true, false])
  await forget('d')
  t.same(await noted(), [true, true, true, true], 'as many notes as before')
})

t.test('what is noted and still stored does not count as removed until it is', async t => {
  const { broker } = await setUp(t)
  for (const topic of ['a', 'b', 'a']) await put(broker, tel(topic), 'x')
  const streamAsk = async (call: string, body: object) =>
    (await broker.request(`$JS.API.STREAM.${call}.TEL`, JSON.stringify(body), { timeoutMs: 5_000 })).text()
  const { config } = JSON.parse(await streamAsk('INFO', {}))
  await streamAsk('UPDATE', { ...config, deny_purge: true })
  await t.rejects(removeSubjects(broker, { stream: 'TEL', filters: [tel('a')], noteOn }), {
    code: 'BRK_REFUSED'
  })
  const removed = await createRemovals(() => broker, place).of('TEL', await epochOf(broker, 'TEL'))
  t.same([removed.has(1), removed.has(2), removed.has(3)], [true, false, true])
  t.equal(await removed.countRemoved(1), 0)
  for (const seq of [1, 3]) await streamAsk('MSG.DELETE', { seq })
  t.equal(await removed.countRemoved(1), 2)
})

t.test('a removal of many messages takes several notes', async t => {
  const { broker } = await setUp(t)
  for (let n = 0; n < 20_001; n++) broker.publish(tel(n % 2 === 0 ? 'a' : 'b'), 'x')
  const stored = async (): Promise<boolean> => (await streamState(broker, 'TEL')).lastSeq === 20_001
  await waitFor(stored, { what: 'all are stored', timeoutMs: 20_000 })
  t.match(await removeSubjects(broker, { stream: 'TEL', filters: [tel('*')], noteOn }), { count: 20_001 })
  t.same([...(await messagesBySubject(broker, 'AUDIT', noteOn)).values()], [2])
  const removed = await createRemovals(() => broker, place).of('TEL', await epochOf(broker, 'TEL'))
  t.equal(await removed.countRemoved(1), 20_001)
})

t.test('where no stream keeps notes nothing is removed, and nothing was', async t => {
  const { broker } = await setUp(t)
  await put(broker, tel('a'), 'x')
  await broker.request('$JS.API.STREAM.DELETE.AUDIT', '', { timeoutMs: 5_000 })
  await t.rejects(removeSubjects(broker, { stream: 'TEL', filters: [tel('a')], noteOn }), {
    // A server that has just deleted a stream may still take for it what comes.
    code: /^BRK_(NO_RESPONDERS|TIMEOUT)$/
  })
  t.ok(await lastMessage(broker, 'TEL', tel('a')))
  const removed = await createRemovals(() => broker, place).of('TEL', await epochOf(broker, 'TEL'))
  t.equal(await removed.countRemoved(1), 0)
})

t.test('a part that is read without data has subjects and sequences', async t => {
  const { broker } = await setUp(t)
  for (const topic of ['a', 'b']) await put(broker, tel(topic), 'content')
  const bounds = { maxMessages: 10, maxBytes: 1_000, timeoutMs: 5_000 }
  const part = { stream: 'TEL', subjects: [], from: { seq: 1 }, isWithoutData: true, ...bounds }
  const read: unknown[] = []
  for await (const { seq, subject, data } of readStream(broker, part)) read.push([seq, subject, data.length])
  t.same(read, [
    [1, tel('a'), 0],
    [2, tel('b'), 0]
  ])
})
