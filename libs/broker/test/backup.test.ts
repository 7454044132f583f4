/** A stream that is written out and read back by a real nats-server, whole or not at all. */
import { randomBytes } from 'node:crypto'
import { intakeOf, partitionFilterOf, telemetryOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  append,
  assertReplaceable,
  type Broker,
  consumePartition,
  listStreams,
  messageAt,
  restoreStream,
  type SnapshotFacts,
  snapshotStream,
  streamState
} from '../src/index.ts'
import { internalsOf } from '../src/internals.ts'
import { setUp } from './follower-world.ts'

const SUBJECT = telemetryOf({ site: 'summit', csc: 'MTMount', index: 0, topic: 'azimuth' })
const MESSAGES = 40
/** Does not compress: more than one part, and more parts than are acknowledged at once. */
const payload = (n: number): Uint8Array => Buffer.concat([Buffer.from([n]), randomBytes(128 * 1024)])

interface Taken {
  readonly facts: SnapshotFacts
  readonly parts: readonly Uint8Array[]
}

async function take(broker: Broker, stream = 'TEL'): Promise<Taken> {
  const parts: Uint8Array[] = []
  const facts = await snapshotStream(broker, stream, async part => void parts.push(Buffer.from(part)))
  return { facts, parts }
}

async function* asRead(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts
}

async function filled(t: Test): Promise<Broker> {
  const { broker } = await setUp(t)
  for (let n = 1; n <= MESSAGES; n++)
    await append(broker, { subject: SUBJECT, data: payload(n), id: `m${n}`, headers: { n: String(n) } })
  return broker
}

t.test('a restored stream has its messages, sequences and times, and another epoch', async t => {
  const broker = await filled(t)
  const before = await streamState(broker, 'TEL')
  const old = await messageAt(broker, 'TEL', 7)
  const { facts, parts } = await take(broker)
  t.ok(parts.length > MESSAGES, 'in parts')
  t.match(facts, { name: 'TEL', state: { messages: MESSAGES, last_seq: MESSAGES } })

  await t.rejects(restoreStream(broker, facts, asRead(parts)), { code: 'BRK_STREAM_EXISTS' })
  t.equal((await streamState(broker, 'TEL')).epoch, before.epoch, 'what exists is not touched')

  const restored = await restoreStream(broker, facts, asRead(parts), { mayReplace: true })
  const after = await streamState(broker, 'TEL')
  t.equal(after.epoch, restored.epoch)
  t.not(after.epoch, before.epoch)
  t.match(after, { firstSeq: 1, lastSeq: MESSAGES, messages: MESSAGES, holes: 0 })
  t.same(await messageAt(broker, 'TEL', 7), old)
  const { seq } = await append(broker, { subject: SUBJECT, data: payload(0) })
  t.equal(seq, MESSAGES + 1)
})

t.test('what is published while a stream is restored comes behind what it had', async t => {
  const broker = await filled(t)
  const { facts, parts } = await take(broker)
  const publishing = setInterval(() => internalsOf(broker).nc.publish(SUBJECT, '{}'), 1)
  t.teardown(() => clearInterval(publishing))
  let most = 0
  for (let times = 0; times < 50 && most <= MESSAGES; times++) {
    const { messages } = await restoreStream(broker, facts, asRead(parts), { mayReplace: true })
    most = Math.max(most, messages)
    t.equal((await messageAt(broker, 'TEL', MESSAGES))?.data[0], MESSAGES)
  }
  t.ok(most > MESSAGES, 'some came before the end of one')
})

t.test('work that was done before stays done', async t => {
  const { broker } = await setUp(t)
  const seen: string[] = []
  const [subject, later] = ['A', 'B'].map(id => intakeOf({ site: 'summit', csc: 'MTMount', index: 0 }, id))
  const filter = partitionFilterOf('summit', Number(subject?.split('.')[2]))
  const work = () =>
    consumePartition(broker, {
      ...{ stream: 'COMMANDS', durable: 'worker', filter, log: createTestLog() },
      onMessage: async message => {
        await message.ack()
        seen.push(message.subject)
      }
    })
  await append(broker, { subject: subject ?? '', data: '{}' })
  const first = work()
  await waitFor(() => seen.length === 1, { what: 'the first' })
  await first.stop()
  const { facts, parts } = await take(broker, 'COMMANDS')
  await restoreStream(broker, facts, asRead(parts), { mayReplace: true })
  const second = work()
  t.teardown(() => second.stop())
  await append(broker, { subject: later ?? '', data: '{}' })
  await waitFor(() => seen.length >= 2, { what: 'the second' })
  t.same(seen, [subject, later])
})

t.test('what a broker has no room for or cannot keep is told while all is still there', async t => {
  const broker = await filled(t)
  const before = [await listStreams(broker), (await streamState(broker, 'TEL')).epoch]
  const [tel, commands] = [await take(broker), await take(broker, 'COMMANDS')].map(({ facts }) => facts)
  if (tel === undefined || commands === undefined) return t.fail('both are there')
  const asking = (facts: SnapshotFacts, config: object): SnapshotFacts => ({
    ...facts,
    config: { ...facts.config, ...config }
  })
  await assertReplaceable(broker, [tel, commands])
  const huge = { max_bytes: 2 ** 50 }
  const noRoom = { code: 'BRK_NO_ROOM', message: /may take \d+ MiB more than those in whose place they come/ }
  await t.rejects(assertReplaceable(broker, [commands, asking(tel, huge)]), noRoom)
  const absent = { ...asking(tel, { ...huge, name: 'NONE' }), name: 'NONE' }
  await t.rejects(assertReplaceable(broker, [commands, absent]), noRoom, 'the first would be lost for it')
  await assertReplaceable(broker, [absent])
  await t.rejects(assertReplaceable(broker, [tel], 3), {
    code: 'BRK_REFUSED',
    message: /keeps one replica, not 3/
  })
  t.same([await listStreams(broker), (await streamState(broker, 'TEL')).epoch], before)
})

t.test('of a snapshot that is not whole nothing stays', async t => {
  const broker = await filled(t)
  const { facts, parts } = await take(broker)
  const altered = parts.map((part, n) => (n === 9 ? randomBytes(part.length) : part))
  async function* broken(): AsyncIterable<Uint8Array> {
    yield* parts.slice(0, 20)
    throw new Error('the disk is gone')
  }
  const isGone = () => t.rejects(streamState(broker, 'TEL'), { code: 'BRK_NO_STREAM' })
  for (const wrong of [altered, parts.slice(0, 20)]) {
    await t.rejects(restoreStream(broker, facts, asRead(wrong), { mayReplace: true }), {
      code: 'BRK_REFUSED'
    })
    await isGone()
  }
  await t.rejects(restoreStream(broker, facts, broken()), { message: 'the disk is gone' })
  await isGone()
  await restoreStream(broker, facts, asRead(parts))
  t.equal((await streamState(broker, 'TEL')).messages, MESSAGES)
})

t.test('who cannot write ends it, and a broker that goes away is told', async t => {
  const broker = await filled(t)
  const full = snapshotStream(broker, 'TEL', async () => {
    throw new Error('no room')
  })
  await t.rejects(full, { message: 'no room' })
  await t.rejects(take(broker, 'NONE'), { code: 'BRK_NO_STREAM' })

  const { broker: other, nats } = await setUp(t)
  for (let n = 1; n <= MESSAGES; n++) await append(other, { subject: SUBJECT, data: payload(n) })
  const lost = snapshotStream(other, 'TEL', () => nats.kill9())
  await t.rejects(lost, { code: 'BRK_UNAVAILABLE' })
})
