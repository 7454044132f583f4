import t from 'tap'
import { Client, createWorld, evt, sample, streams, tel, warmAll } from '../testing/hub-world.ts'
import { createFrameComposer } from './frame.ts'
import { createHubCounts } from './hub-counts.ts'
import { createWorkTurns } from './index.ts'
import { createLiveTopic, type LiveTopic } from './live-topic.ts'
import type { Message } from './message.ts'
import { createPatternIndex } from './pattern-index.ts'
import { createPatternSet } from './pattern-set.ts'
import { rememberWants } from './remembered-wants.ts'
import { encodeReplays } from './resume-ahead.ts'
import type { Plans } from './resume-plan.ts'
import { Sender } from './sender.ts'
import { createStream } from './stream.ts'
import { createSubscribedPatterns } from './subscribed-pattern.ts'
import { createTopicTable } from './topic-table.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const from1To = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)
/** Turns of which each has time for one piece, or two. */
const shortTurns = () => {
  let now = 0
  return createWorkTurns(() => (now += 3))
}

/** A hub with 3,000 messages, which its ring just holds, and a cursor from before them. */
function createLongReplay() {
  const world = createWorld({ ringMs: 3_000, turns: shortTurns() })
  warmAll(world.hub)
  const probe = new Client(world.hub)
  probe.subscribe(world.hub, 1, { pattern: tel('*'), quality: 'all' })
  const cursor = probe.cursor()
  probe.subscriber.close()
  let seq = 0
  const putNext = (): void => {
    seq++
    world.put('TEL', seq, tel(`t${seq % 10}`))
  }
  for (let i = 0; i < 3_000; i++) putNext()
  return { ...world, cursor, putNext, lastSeq: () => seq }
}

const everything = { pattern: tel('*'), quality: 'all' } as const

t.test(
  'others come in between while a long replay is made ready, and nothing is lost or repeated',
  async t => {
    const { hub, put, cursor, putNext, lastSeq } = createLongReplay()
    put('EVT', 1, evt('small'))
    const [client, other] = [new Client(hub, 'json'), new Client(hub)]
    let isResumed = false
    const resumed = client.resume(hub, cursor, everything).then(() => {
      isResumed = true
    })
    for (let n = 0; n < 5; n++) await turn()
    other.subscribe(hub, 1, { pattern: evt('small') })
    let turns = 0
    let isOtherFirst = false
    for (; !isResumed; turns++) {
      putNext()
      await turn()
      if (other.records.length > 0 && client.records.length === 0) isOtherFirst = true
    }
    await resumed
    t.ok(turns > 10, `${turns} turns`)
    t.ok(isOtherFirst, 'another client was answered meanwhile')
    t.same(
      client.records[0],
      { op: 'resumed', streams: { TEL: 'resumed' } },
      'also of what the ring holds no more'
    )
    putNext()
    hub.tick()
    t.same(client.seqs(), from1To(lastSeq()))
  }
)

t.test('who leaves meanwhile is not worked for any more', async t => {
  const { hub, cursor } = createLongReplay()
  const client = new Client(hub, 'json')
  const resumed = client.resume(hub, cursor, everything)
  let isResumed = false
  void resumed.then(() => {
    isResumed = true
  })
  for (let n = 0; n < 5; n++) await turn()
  t.notOk(isResumed)
  client.subscriber.close()
  let turns = 0
  const counting = (async () => {
    for (; turns < 20; turns++) await turn()
  })()
  await resumed
  t.ok(turns < 5, `${turns} turns`)
  t.same(client.records, [])
  await counting
})

t.test('what left the ring is held for as long as somebody needs it, within twice its bounds', async t => {
  const { hub, cursor, putNext } = createLongReplay()
  const client = new Client(hub, 'json')
  const resumed = client.resume(hub, cursor, everything)
  const before = hub.sizes().ringBytes
  for (let n = 0; n < 5; n++) await turn()
  for (let n = 0; n < 5_000; n++) putNext()
  const held = hub.sizes().ringBytes
  t.ok(held > 1.9 * before && held < 2.1 * before, `${held} bytes of ${before}`)
  await resumed
  t.match(
    client.records[0],
    { op: 'resumed', streams: { TEL: { gap: { from: 1 } } } },
    'beyond that it is told'
  )
  putNext()
  t.ok(hub.sizes().ringBytes < 1.1 * before, 'nobody needs it any more')
})

/** A stream of 450 messages of two topics, and one who resumes from its start. */
function createReplay(fields?: readonly string[]) {
  const counts = createHubCounts()
  const table = createTopicTable({ onNew: () => {}, onEnd: () => {}, counts, onBad: undefined })
  const stream = createStream(streams[0] as (typeof streams)[0], { ms: 60_000, bytes: 1 << 20 }, () => {})
  const push = (): void => {
    const seq = ++stream.seq
    const subject = seq % 2 === 0 ? tel('even') : tel('odd')
    const read = table.read('TEL', { seq, timeUs: seq, subject, data: sample({ a: seq, b: 1 }) })
    stream.ring.push(read as Message<LiveTopic>)
  }
  for (let n = 0; n < 450; n++) push()
  const owner = { onSlow: () => {} }
  const parts = { frames: createFrameComposer(), counts, maxBufferedBytes: 1 << 20 }
  const sender = new Sender(parts, 'json', { sink: { write: () => {}, bufferedBytes: () => 0 }, owner })
  const patterns = createSubscribedPatterns()
  const wanted = createPatternSet(
    [patterns.of({ pattern: tel('even'), quality: 'all', ...(fields && { fields }) })],
    patterns
  )
  const wants = rememberWants(wanted, { index: createPatternIndex(), counts })
  const read = stream.ring.after(0).slice(0, 50)
  const plans: Plans = new Map([
    [stream, { kind: 'replay', after: 0, messages: read, upTo: 50, gap: undefined }]
  ])
  const chunks = (): number[] =>
    stream.ring
      .after(0)
      .filter(({ chunks }) => chunks !== undefined)
      .map(({ seq }) => seq)
  return { stream, push, sender, wanted, work: encodeReplays(plans, wants, sender), chunks }
}

t.test('all that is wanted is encoded, in pieces, up to the head', async t => {
  const { work, chunks, push } = createReplay()
  t.equal(work.next().done, false)
  t.equal(chunks().length, 100)
  for (let n = 0; n < 50; n++) push()
  for (let before = 100; work.next().done !== true; before = chunks().length)
    t.ok(chunks().length - before <= 100)
  t.same(
    chunks(),
    from1To(250).map(n => 2 * n)
  )
})

t.test('chosen fields are encoded as they will be sent', async t => {
  const { work, stream, wanted } = createReplay(['a'])
  for (const _ of work);
  const { projection } = wanted.wantsOfSubject(tel('even')) ?? {}
  const [message] = stream.ring.after(1)
  const slot = message?.chunks?.projected?.get(projection as object)
  t.match(Buffer.from(slot?.json ?? []).toString(), '{"a":2}')
  t.equal(message?.chunks?.json, undefined)
})

t.test('nothing more is encoded for who is gone', async t => {
  const { work, chunks, sender } = createReplay()
  work.next()
  sender.close()
  t.equal(work.next().done, true)
  t.equal(chunks().length, 100)
})

t.test('a stream that begins anew meanwhile ends its part', async t => {
  const { work, stream } = createReplay()
  work.next()
  stream.ring.begin(undefined)
  stream.seq = 1
  t.equal(work.next().done, true)
})

/** So often a pattern looks for a token of a subject while something is done. */
async function countLooks(run: () => Promise<unknown>): Promise<number> {
  let looks = 0
  const { indexOf } = String.prototype
  // Not by t.intercept: it keeps a record of each call.
  String.prototype.indexOf = function (text, from) {
    if (text === '.') looks++
    return Reflect.apply(indexOf, this, [text, from])
  }
  await run().finally(() => {
    String.prototype.indexOf = indexOf
  })
  return looks
}

t.test('many patterns are held against each topic of a replay once, and paid for', async t => {
  const { hub, cursor, put, lastSeq } = createLongReplay()
  for (let n = 1; n <= 200; n++) put('TEL', lastSeq() + n, `tel.summit.Other.${n}.b`)
  const client = new Client(hub, 'json')
  const half = Array.from({ length: 1_000 }, (_, i) => [
    { pattern: `tel.summit.N${i}.0.a`, quality: 'all' } as const,
    { pattern: `tel.*.W${i}.0.>`, quality: 'all' } as const
  ])
  const looks = await countLooks(() =>
    client.resume(hub, cursor, ...half.flat(), { pattern: tel('t3'), quality: 'all' })
  )
  t.same(
    client.seqs(),
    from1To(3_000).filter(seq => seq % 10 === 3)
  )
  t.ok(looks < 100_000, `${looks} looks`)
})

t.test('what patterns want of a topic that has ended is worked out once for all of its messages', async t => {
  const { wanted } = createReplay()
  let matched = 0
  const counts = createHubCounts()
  const wants = rememberWants(
    {
      ...wanted,
      wantsOfSubject(subject) {
        matched++
        return wanted.wantsOfSubject(subject)
      }
    },
    { index: createPatternIndex(), counts }
  )
  for (let n = 0; n < 10; n++)
    for (const subject of [tel('even'), tel('odd')])
      t.equal(wants.of(createLiveTopic(n, subject, 'TEL', false)), wanted.wantsOfSubject(subject))
  t.same([matched, counts.work, wants.looked], [2, 2, 2])
})
