import { createTestLog, startNats } from '@meridian/testing'
import t, { type Test } from 'tap'
import type { EnsureOptions } from '../src/ensure-streams.ts'
import { append, type Broker, connectBroker, ensureStreams, streamState, streamTable } from '../src/index.ts'
import { internalsOf } from '../src/internals.ts'
import { lastOf, makeOldStore, queue } from './old-store.ts'

const log = createTestLog()
const nats = await startNats()
t.teardown(() => nats.stop())

const connect = async (t: Test): Promise<Broker> => {
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  return broker
}

const takeOver = (broker: Broker, options?: EnsureOptions) =>
  ensureStreams(broker, streamTable('summit', 'laptop'), log, options)

let said = 0
// With an id, so that a second try on a busy machine stores nothing twice.
const say = (broker: Broker, subject: string, data: string) =>
  append(broker, { subject, data, id: `said-${++said}` })

/** An old store, with everything that a takeover may meet. */
async function fill(broker: Broker): Promise<void> {
  await makeOldStore(broker)
  await say(broker, 'script.summit.1.100003.script', 'older than the old name')
  for (let n = 1; n <= 3; n++) await say(broker, queue('1.script.100001'), `1.100001 ${n}`)
  await say(broker, queue('1.script.100002'), '1.100002')
  await say(broker, queue('1.script.100003'), '1.100003')
  await say(broker, queue('1.nextVisit.100001'), 'visit')
  await say(broker, queue('1.nextVisitCanceled.100001'), 'canceled')
  await say(broker, queue('2.script.100001'), '2.100001')
  await say(broker, queue('2.script.100009'), 'outdated')
  await say(broker, queue('1.queue'), 'a topic without a key')
  await say(broker, queue('1.script.=23'), 'a key that is no index')
  for (let n = 1; n <= 2; n++) await say(broker, 'evt.summit.Test.0.a', `other ${n}`)
  await say(broker, 'script.summit.2.100009.script', 'newer than the old name')
}

const wantedScript = {
  'script.summit.1.100001.script': '1.100001 3',
  'script.summit.1.100002.script': '1.100002',
  'script.summit.1.100003.script': '1.100003',
  'script.summit.1.100001.nextVisit': 'visit',
  'script.summit.1.100001.nextVisitCanceled': 'canceled',
  'script.summit.2.100001.script': '2.100001',
  'script.summit.2.100009.script': 'newer than the old name'
}
const wantedEvents = {
  'evt.summit.ScriptQueue.1.queue': 'a topic without a key',
  'evt.summit.ScriptQueue.1.script.=23': 'a key that is no index',
  'evt.summit.Test.0.a': 'other 2'
}
/**
 * Each old subject gave one message: the one that was older than the old name, those that were moved, and the
 * newer one.
 */
const WANTED_MESSAGES = 8

async function checkTakenOver(t: Test, broker: Broker, when: string): Promise<void> {
  t.same(await lastOf(broker, 'SCRIPT'), wantedScript, `last values ${when}`)
  t.same(await lastOf(broker, 'EVT'), wantedEvents, `what stays ${when}`)
  t.equal((await streamState(broker, 'SCRIPT')).messages, WANTED_MESSAGES, `nothing stands twice ${when}`)
  t.match(await streamState(broker, 'EVT'), { epoch: 'old-epoch', maxPerSubject: 1_000, messages: 4 })
}

/** Calls `before` ahead of every request of a connection, the library's and the broker's own. */
function beforeRequests(
  broker: Broker,
  before: (subject: string, payload: Uint8Array | string) => Promise<void>
): void {
  const { nc } = internalsOf(broker)
  const ofLibrary = nc.request.bind(nc)
  const own = broker.request.bind(broker)
  nc.request = async (subject, payload = '', options) => {
    await before(subject, payload)
    return ofLibrary(subject, payload, options)
  }
  broker.request = async (subject, payload, options) => {
    await before(subject, payload)
    return own(subject, payload, options)
  }
}

/**
 * Ends a connection with its k-th request, as if the process had been killed before it: what was sent before
 * has reached the server.
 */
function interruptAt(broker: Broker, k: number): () => number {
  const { nc } = internalsOf(broker)
  let requests = 0
  let closed: Promise<void> | undefined
  beforeRequests(broker, async () => {
    if (++requests < k) return
    closed ??= nc.flush().then(() => nc.close())
    await closed
    throw new Error('interrupted')
  })
  return () => requests
}

t.test('an old store is taken over: limits, last values and names, and what was done is told', async t => {
  const broker = await connect(t)
  await fill(broker)
  const outcomes = await takeOver(broker)
  await checkTakenOver(t, broker, 'after one run')
  t.match(
    outcomes.find(({ name }) => name === 'EVT'),
    { outcome: 'updated', moved: 7 }
  )
  t.match(
    log.records.filter(({ level }) => level > 30),
    [{ subjects: 1, first: ['evt.summit.ScriptQueue.1.script.=23'] }],
    'what has no new name is told once'
  )
  t.same(
    (await takeOver(broker)).map(({ outcome, moved }) => [outcome, moved]),
    Array.from({ length: 7 }, () => ['unchanged', 0])
  )
})

t.test(
  'a takeover that is interrupted before any of its requests loses nothing and ends in the same state',
  async t => {
    const broker = await connect(t)
    let k = 1
    for (let isWhole = false; !isWhole; k++) {
      await fill(broker)
      for (const at of [k, Math.ceil(k / 2)]) {
        const doomed = await connectBroker({ servers: nats.url, name: 'doomed', log })
        const requests = interruptAt(doomed, at)
        const failed = await takeOver(doomed).then(
          () => false,
          () => true
        )
        await Promise.race([doomed.drain(), internalsOf(doomed).nc.closed()])
        if (at === k) isWhole = !failed && requests() < k
      }
      await takeOver(broker)
      await checkTakenOver(t, broker, `after an end before request ${k}`)
    }
    t.ok(k > 30, `${k} places`)
  }
)

t.test('an old producer that still writes, and a new one that writes already, lose nothing', async t => {
  const broker = await connect(t)
  await fill(broker)
  const writer = await connect(t)
  const purged: string[] = []
  beforeRequests(broker, async (subject, payload) => {
    if (subject.includes('STREAM.PURGE')) {
      const { filter } = JSON.parse(Buffer.from(payload as Uint8Array).toString()) as { filter: string }
      if (filter === queue('1.script.100001') && !purged.includes(filter)) await say(writer, filter, 'late')
      purged.push(filter)
    }
    if (subject === 'script.summit.1.100002.script' && !purged.includes(subject)) {
      purged.push(subject)
      await say(writer, subject, 'new producer')
    }
  })
  await takeOver(broker)
  const found = await lastOf(writer, 'SCRIPT')
  t.equal(found['script.summit.1.100001.script'], 'late', 'what came after the reading is moved as well')
  t.equal(found['script.summit.1.100002.script'], 'new producer', 'what is newer under the new name stays')
  t.same(await lastOf(writer, 'EVT'), wantedEvents)
})

t.test('old names that have no new one do not hide those behind them, and are told in one line', async t => {
  const broker = await connect(t)
  await makeOldStore(broker)
  const unnamed = (n: number) => say(broker, queue(`1.script.odd${n}`), 'stays')
  const STAYING = 1_500
  for (let n = 0; n < STAYING; n += 500)
    await Promise.all(Array.from({ length: 500 }, (_, i) => unnamed(n + i)))
  await say(broker, queue('1.script.100001'), 'behind them')
  const before = log.records.length
  const outcomes = await takeOver(broker)
  t.match(
    outcomes.find(({ name }) => name === 'EVT'),
    { moved: 1 }
  )
  t.same(await lastOf(broker, 'SCRIPT'), { 'script.summit.1.100001.script': 'behind them' })
  t.equal((await streamState(broker, 'EVT')).messages, STAYING)
  const warnings = log.records.slice(before).filter(({ level }) => level > 30)
  t.match(warnings, [{ stream: 'EVT', subjects: STAYING, first: { length: 5 } }])
})
