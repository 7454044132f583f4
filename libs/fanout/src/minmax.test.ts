import { readFileSync } from 'node:fs'
import { encodeMsgpack } from '@meridian/msgpack'
import { type DataRecord, type PatternRequest, parseServerMessage, readMinMax } from '@meridian/protocol/live'
import { encodeSample } from '@meridian/sample'
import { traitsOf } from '@meridian/subjects'
import t from 'tap'
import { nothingRemoved } from '../testing/hub-world.ts'
import { createHub, createWorkTurns, type Frame, type Hub, payloadOf } from './index.ts'

const AZIMUTH = 'tel.summit.MTMount.0.azimuth'
const TICKS_PER_SECOND = 20

interface Client {
  readonly frames: Frame[]
  /** Data records since the last call. */
  data(): DataRecord[]
  subscribe(id: number, ...patterns: PatternRequest[]): void
  unsubscribe(id: number): void
}

function createSite() {
  const hub: Hub = createHub({
    streams: [traitsOf('TEL'), traitsOf('EVT')],
    turns: createWorkTurns(() => 0),
    history: {
      ...nothingRemoved,
      range: async () => ({ epoch: 'e1', firstSeq: 1, lastSeq: 1, holes: 0, maxPerSubject: 5 }),
      storedAt: async () => undefined,
      read: async () => ({ messages: [], upTo: 1 })
    }
  })
  for (const stream of ['TEL', 'EVT']) hub.warm(stream, { epoch: 'e1', seq: 0, timeUs: 0 })
  let seq = 0
  const say = (fields: Record<string, unknown>, subject = AZIMUTH): void => {
    const sndStamp = 1_000 + ++seq
    const data = encodeSample({
      ...{ sndStamp, rcvStamp: 0, seqNum: 1, origin: 1, identity: '', revCode: '', uncatalogued: false },
      fields: encodeMsgpack(fields)
    })
    hub.message(subject.startsWith('tel') ? 'TEL' : 'EVT', { seq, timeUs: seq * 1e6, subject, data })
  }
  const ticks = (count: number): void => {
    for (let i = 0; i < count; i++) hub.tick()
  }
  const join = (codec: 'msgpack' | 'json' = 'json'): Client => {
    const frames: Frame[] = []
    let read = 0
    const sink = { write: (frame: Frame) => void frames.push(frame), bufferedBytes: () => 0 }
    const subscriber = hub.attach(sink, codec, { onSlow() {} })
    return {
      frames,
      data() {
        const fresh = frames.slice(read)
        read = frames.length
        const messages = fresh.map(payloadOf).map(bytes => (codec === 'json' ? bytes.toString() : bytes))
        return messages
          .flatMap(message => parseServerMessage(message))
          .filter((record): record is DataRecord => !('op' in record))
      },
      subscribe(id, ...patterns) {
        void subscriber.subscribe(() => ({ id, patterns: patterns.map(hub.readPattern), refused: [] }))
      },
      unsubscribe: id => void subscriber.unsubscribe(id)
    }
  }
  return { hub, say, ticks, join }
}

const minmax = (rate: 1 | 2, more: Partial<PatternRequest> = {}): PatternRequest => ({
  pattern: AZIMUTH,
  quality: 'minmax',
  rate,
  ...more
})

t.test('each bucket ends in its last message, with the extremes of every number in it', async t => {
  const { say, ticks, join } = createSite()
  const client = join()
  client.subscribe(1, minmax(1))
  const big = 2n ** 60n
  say({ x: 5, list: [1, 9], word: 'a', on: true, odd: Number.NaN, big })
  say({ x: -2, list: [4, Number.NaN, 7], word: 'b', on: false, odd: Number.NaN, big: big + 1n })
  say({ x: 3, list: [2, -1], word: 'c', on: true, odd: Number.NaN, far: Number.NEGATIVE_INFINITY })
  ticks(TICKS_PER_SECOND - 1)
  t.same(client.data(), [], 'the bucket is not over')
  ticks(1)
  const [record, ...more] = client.data() as [DataRecord]
  t.same(more, [])
  const [, seq, time, fields] = record
  t.same([seq, time], [3, 1_003])
  t.match(fields, { x: 3, word: 'c', on: true })
  t.same(readMinMax(fields), {
    from: 1_001,
    count: 3,
    min: { x: -2, list: [1, -1, 7], odd: null, big: 2 ** 60, far: Number.NEGATIVE_INFINITY },
    max: { x: 5, list: [4, 9, 7], odd: null, big: 2 ** 60, far: Number.NEGATIVE_INFINITY }
  })
  ticks(2 * TICKS_PER_SECOND)
  t.same(client.data(), [], 'a bucket without messages is not sent')
  say({ x: 8 })
  ticks(TICKS_PER_SECOND)
  t.same(readMinMax(client.data()[0]?.[3] ?? {})?.min, { x: 8 }, 'the next one begins anew')
})

t.test(
  'whoever joins later has the same buckets, encoded once; other qualities see nothing of them',
  async t => {
    const { say, ticks, join } = createSite()
    const [one, other, latest, all] = [join('msgpack'), join('msgpack'), join(), join()]
    one.subscribe(1, minmax(1))
    latest.subscribe(1, { pattern: AZIMUTH, quality: 'latest', rate: 1 })
    all.subscribe(1, { pattern: AZIMUTH, quality: 'all' })
    ticks(7)
    say({ x: 1 })
    other.subscribe(1, minmax(1), { pattern: 'evt.summit.>' })
    other.data()
    say({ x: 2 })
    ticks(13)
    const [mine, theirs] = [one.data(), other.data()]
    t.equal(mine.length, 1)
    t.same(readMinMax(mine[0]?.[3] ?? {}), { from: 1_001, count: 2, min: { x: 1 }, max: { x: 2 } })
    t.same(theirs[0]?.[3], mine[0]?.[3])
    for (const client of [latest, all])
      t.ok(
        client.data().every(([, , , fields]) => Object.keys(fields).join() === 'x'),
        'plain'
      )
  }
)

t.test('chosen fields bring their own extremes alone; rates have buckets of their own', async t => {
  const { say, ticks, join } = createSite()
  const [slow, fast] = [join(), join('msgpack')]
  slow.subscribe(1, minmax(1, { fields: ['x', 'none'] }))
  fast.subscribe(1, minmax(2, { fields: ['y'] }))
  say({ x: 1, y: 10 })
  ticks(10)
  say({ x: 2, y: 20 })
  ticks(10)
  t.same(
    slow.data().map(([, , , fields]) => fields),
    [{ x: 2, $minmax: { from: 1_001, count: 2, min: { x: 1 }, max: { x: 2 } } }]
  )
  t.same(
    fast.data().map(([, , , fields]) => [fields['y'], readMinMax(fields)?.count]),
    [
      [10, 1],
      [20, 1]
    ]
  )
})

t.test(
  'asked for in several qualities, a topic comes in all; at several rates, in the highest with extremes',
  async t => {
    const { say, ticks, join } = createSite()
    const client = join()
    client.subscribe(1, minmax(1), { pattern: 'tel.>', quality: 'latest', rate: 2 })
    say({ x: 1 })
    ticks(10)
    t.ok(readMinMax(client.data()[0]?.[3] ?? {}))
    client.subscribe(2, { pattern: 'tel.>', quality: 'all' })
    client.data()
    say({ x: 2 })
    ticks(1)
    t.same(client.data()[0]?.[3], { x: 2 })
  }
)

t.test(
  'who leaves in the middle of a bucket gets its last value; what was reset or forgotten brings none',
  async t => {
    const { hub, say, ticks, join } = createSite()
    const client = join()
    client.subscribe(1, minmax(1))
    say({ x: 1 })
    client.unsubscribe(1)
    t.same(
      client.data().map(([, , , fields]) => fields),
      [{ x: 1 }]
    )
    client.subscribe(1, minmax(1))
    client.data()
    say({ x: 2 })
    hub.reset('TEL')
    ticks(2 * TICKS_PER_SECOND)
    t.same(client.data(), [], 'reset')
    hub.warm('TEL', { epoch: 'e2', seq: 0, timeUs: 0 })
    say({ x: 3 })
    hub.forget([AZIMUTH])
    ticks(2 * TICKS_PER_SECOND)
    t.same(client.data(), [], 'forgotten')
  }
)

t.test('a bucket is written to the byte as the golden frames have it', async t => {
  const file = new URL('../../../proto/conformance/frames.json', import.meta.url)
  const { server } = JSON.parse(readFileSync(file, 'utf8')) as {
    server: { name: string; msgpack: string; json: string }[]
  }
  const golden = server.find(({ name }) => name === 'data with the extremes of a bucket')
  const { say, ticks, join } = createSite()
  const clients = [join('msgpack'), join('json')] as const
  for (const client of clients) client.subscribe(1, minmax(1))
  say({ position: 1.5, raw: [1, 7] })
  say({ position: -0.5, raw: [2, Number.NaN] })
  for (const client of clients) client.frames.length = 0
  ticks(TICKS_PER_SECOND)
  const [msgpack, json] = clients.map(({ frames }) => payloadOf(frames.at(-1) as Frame))
  t.equal(msgpack?.toString('hex'), golden?.msgpack)
  t.equal(json?.toString(), golden?.json)
})
