import { createTestLog, freePort, startNats, type TestNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  append,
  type Broker,
  connectBroker,
  createFollower,
  ensureStreams,
  lastValues,
  type MirrorOptions,
  messageAt,
  mirrorTable,
  type Position,
  readStream,
  type StreamMessage,
  streamNamesOf,
  streamState,
  streamTable
} from '../src/index.ts'
import { call } from './old-store.ts'

const log = createTestLog()
const options: MirrorOptions = { origin: 'summit', profile: 'laptop' }
const topic = (n: number): string => `evt.summit.Test.0.t${n % 3}`
const say = (broker: Broker, n: number) => append(broker, { subject: topic(n), data: String(n) })

/** A connection to the site itself, and one as a process has it that reads this site elsewhere. */
async function connect(t: Test, site: TestNats, base = site): Promise<{ summit: Broker; reader: Broker }> {
  const summit = await connectBroker({ servers: site.url, name: 'summit', log })
  t.teardown(() => summit.drain())
  const streamNames = streamNamesOf({ site: 'base', origin: 'summit' })
  const reader = await connectBroker({ servers: base.url, name: 'reader', log, streamNames })
  t.teardown(() => reader.drain())
  await ensureStreams(summit, streamTable('summit', 'laptop'), log)
  return { summit, reader }
}

async function follow(t: Test, broker: Broker) {
  const seen: StreamMessage[] = []
  const resets: string[] = []
  const follower = createFollower(broker, {
    name: 'test',
    stream: 'EVT',
    start: { kind: 'last-per-subject' },
    onMessage: message => seen.push(message),
    onReset: reason => resets.push(reason),
    log
  })
  await follower.start()
  t.teardown(() => follower.stop())
  await follower.whenReady()
  return { follower, seen, resets }
}

const caughtUp = (reader: Broker, seq: number) =>
  waitFor(async () => (await streamState(reader, 'EVT')).lastSeq === seq, { what: 'the mirror has all' })

t.test('a site reads its own streams by their plain names, and those of another by its mirrors', async t => {
  t.match(streamNamesOf({ site: 'summit' }), { TEL: 'TEL', COMMANDS: 'COMMANDS' })
  t.match(streamNamesOf({ site: 'base', origin: 'summit' }), { TEL: 'TEL_summit', EVT: 'EVT_summit' })
  t.same(
    mirrorTable(options).map(({ name, stream }) => [name, stream]),
    ['TEL', 'EVT', 'SCRIPT', 'COMMANDS'].map(stream => [`${stream}_summit`, stream])
  )
})

/**
 * A cursor that was taken at the origin is valid at the mirror: the same epoch, sequences and times, and
 * everything behind it follows.
 */
async function checkCursor(t: Test, summit: Broker, reader: Broker): Promise<void> {
  const atOrigin = await follow(t, summit)
  for (let n = 1; n <= 5; n++) await say(summit, n)
  await waitFor(() => atOrigin.follower.head().seq === 5, { what: 'five at the origin' })
  const cursor: Position = atOrigin.follower.head()
  for (let n = 6; n <= 10; n++) await say(summit, n)
  await caughtUp(reader, 10)

  t.equal((await streamState(reader, 'EVT')).epoch, cursor.epoch)
  t.equal(
    (await messageAt(reader, 'EVT', cursor.seq))?.timeUs,
    cursor.timeUs,
    'the anchor is the same message'
  )
  const behind: number[] = []
  const bounds = { maxMessages: 100, maxBytes: 1e6, timeoutMs: 5_000 }
  for await (const message of readStream(reader, {
    stream: 'EVT',
    subjects: [],
    from: { seq: cursor.seq + 1 },
    ...bounds
  })) {
    t.equal(message.stream, 'EVT', 'messages say the plain name')
    behind.push(message.seq)
  }
  t.same(behind, [6, 7, 8, 9, 10])

  const atMirror = await follow(t, reader)
  t.match(atMirror.follower.head(), { epoch: cursor.epoch, maxPerSubject: 1_000 })
  await say(summit, 11)
  const last = await waitFor(() => atMirror.seen.find(({ seq }) => seq === 11), { what: 'it goes on live' })
  const origin = await waitFor(() => atOrigin.seen.find(({ seq }) => seq === 11), {
    what: 'at the origin too'
  })
  t.same(last, origin)
  const values: string[] = []
  for await (const { data } of lastValues(reader, { stream: 'EVT', subjects: ['evt.summit.>'] }))
    values.push(Buffer.from(data).toString())
  t.same(values, ['9', '10', '11'])
}

t.test('a follower on a mirror continues a cursor that was taken at the origin', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const { summit, reader } = await connect(t, nats)
  const outcomes = await ensureStreams(summit, mirrorTable(options), log)
  t.same(new Set(outcomes.map(({ outcome }) => outcome)), new Set(['created']))
  await checkCursor(t, summit, reader)
  const again = await ensureStreams(summit, mirrorTable(options), log)
  t.same(new Set(again.map(({ outcome }) => outcome)), new Set(['unchanged']))
})

t.test('the same across a leaf link, from the domain of another site', async t => {
  const port = await freePort()
  const site = await startNats({
    domain: 'summit',
    config: `server_name: summit\nleafnodes { listen: "127.0.0.1:${port}" }`
  })
  t.teardown(() => site.stop())
  const base = await startNats({
    domain: 'base',
    config: `server_name: base\nleafnodes { remotes: [{ url: "nats-leaf://127.0.0.1:${port}" }] }`
  })
  t.teardown(() => base.stop())
  const { summit, reader } = await connect(t, site, base)
  const step = await connectBroker({ servers: base.url, name: 'streams', log })
  t.teardown(() => step.drain())
  const mirrors = mirrorTable({ ...options, domain: 'summit' })
  await waitFor(() => ensureStreams(step, mirrors, log), { what: 'the link is up', everyMs: 100 })
  await checkCursor(t, summit, reader)
})

t.test('a mirror is made again when its origin has become another log, and readers are told', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const { summit, reader } = await connect(t, nats)
  await ensureStreams(summit, mirrorTable(options), log)
  for (let n = 1; n <= 4; n++) await say(summit, n)
  await caughtUp(reader, 4)
  const { follower, seen, resets } = await follow(t, reader)
  await call(summit, 'STREAM.DELETE.EVT')
  await ensureStreams(summit, streamTable('summit', 'laptop'), log)
  await say(summit, 100)
  const outcomes = await ensureStreams(summit, mirrorTable(options), log)
  t.same(
    outcomes.filter(({ outcome }) => outcome !== 'unchanged').map(({ name, outcome }) => [name, outcome]),
    [['EVT_summit', 'remade']]
  )
  const { epoch } = await streamState(summit, 'EVT')
  t.equal((await streamState(reader, 'EVT')).epoch, epoch)
  const isNew = ({ data }: StreamMessage): boolean => Buffer.from(data).toString() === '100'
  await waitFor(() => seen.some(isNew), { what: 'the new log arrives' })
  t.same(resets, ['epoch differs'])
  t.equal(follower.head().epoch, epoch)
})

t.test('a stream of that name that is no mirror is not touched', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const { summit } = await connect(t, nats)
  await call(summit, 'STREAM.CREATE.EVT_summit', { name: 'EVT_summit', subjects: ['mine'], storage: 'file' })
  await append(summit, { subject: 'mine', data: 'kept' })
  await t.rejects(ensureStreams(summit, mirrorTable(options), log), { code: 'BRK_REFUSED' })
  t.equal((await streamState(summit, 'EVT_summit')).messages, 1)
})
