import { append } from '@meridian/broker'
import { loadCatalogue } from '@meridian/catalogue'
import type { HistoryAnswer, HistoryQueryTexts } from '@meridian/protocol/http'
import { encodeSample } from '@meridian/sample'
import { systemClock, taiSecondsOf } from '@meridian/time'
import { Packr } from 'msgpackr'
import t from 'tap'
import { readHistory } from '../src/history.ts'
import { findField } from '../src/history-field.ts'
import { parseHistoryQuery } from '../src/history-query.ts'
import { openSite, SITE } from './harness.ts'

const { broker } = await openSite(t)
const catalogue = loadCatalogue()
const packr = new Packr({ useRecords: false })
const limits = { maxMessages: 60_000, maxBytes: 1e9, timeoutMs: 20_000 }

let devices = 0
/** A topic of a device of its own, that no catalogue knows. */
const newTopic = (kind: 'tel' | 'evt' = 'tel'): string => `${kind}.${SITE}.Device${++devices}.0.values`

interface Said {
  readonly fields: object
  readonly received: number
  /** Source stamp minus time of receipt; default: 0. */
  readonly off?: number
}

async function say(subject: string, samples: readonly Said[]): Promise<void> {
  for (const { fields, received, off = 0 } of samples)
    await append(broker, {
      subject,
      data: encodeSample({
        ...{ sndStamp: received + off, rcvStamp: received, seqNum: 1, origin: 1 },
        ...{ identity: 'test', revCode: '', fields: packr.pack(fields), uncatalogued: true }
      })
    })
}

const cuts: unknown[] = []
const ask = (topic: string, texts: Omit<HistoryQueryTexts, 'topic'>): Promise<HistoryAnswer> => {
  const query = parseHistoryQuery({ topic, ...texts }, SITE, systemClock)
  const onCut = (what: string, err: unknown): number => cuts.push({ what, err })
  const field = findField(catalogue, query)
  const context = { broker, catalogue, field, limits, onRead: () => {}, onCut }
  return readHistory({ ...context, signal: new AbortController().signal }, query)
}
const at = (seconds: number): string => seconds.toFixed(3)
/** Samples of `v` at 5 Hz, from `from` on. */
const fiveHertz = (from: number, values: readonly number[], off = 0): Said[] =>
  values.map((v, i) => ({ fields: { v }, received: from + i / 5, off }))
const counts = ({ buckets }: HistoryAnswer): number => buckets.reduce((sum, [, , , count]) => sum + count, 0)
const ones = (count: number): number[] => new Array(count).fill(1)

t.test('a silence stays empty, and the interval tells it from sparse buckets', async t => {
  const topic = newTopic()
  const start = taiSecondsOf(Date.now()) - 100
  await say(topic, [...fiveHertz(start, ones(40)), { fields: { v: 9 }, received: start + 23 }])
  const history = await ask(topic, { field: 'v', from: at(start), to: at(start + 30), points: '300' })
  t.ok(Math.abs((history.interval ?? 0) - 0.2) < 0.001, `${history.interval}`)
  const starts = history.buckets.map(([time]) => time - start)
  t.same(
    starts.filter(time => time > 8 && time < 22.9),
    [],
    'nothing stands in between'
  )
  t.match(history.buckets.at(-1), [Number, 9, 9, 1])
  const single = newTopic()
  await say(single, [{ fields: { v: 1 }, received: start }])
  t.equal((await ask(single, { field: 'v' })).interval, null, 'one sample has none')
})

t.test('NaN is neither a number nor a silence', async t => {
  const topic = newTopic()
  const start = taiSecondsOf(Date.now()) - 100
  await say(topic, fiveHertz(start, [...ones(10), ...new Array(40).fill(Number.NaN), ...ones(10)]))
  const { buckets } = await ask(topic, { field: 'v', from: at(start), to: at(start + 12), points: '12' })
  t.same(
    buckets.map(([, min, max, count]) => [min, max, count]),
    [[1, 1, 5], [1, 1, 5], ...new Array(8).fill([null, null, 5]), [1, 1, 5], [1, 1, 5]]
  )
  const after = await ask(topic, { field: 'v', from: at(start + 5), to: at(start + 6) })
  t.match(after.before, { state: 'value', value: 'NaN' })
})

t.test('what was sent before the window is told: a value, none, or not known', async t => {
  const topic = newTopic('evt')
  const now = taiSecondsOf(Date.now())
  await say(topic, [{ fields: { v: 4 }, received: now - 500 }])
  await say(topic, [{ fields: { v: Number.POSITIVE_INFINITY }, received: now - 300 }])
  await say(topic, [{ fields: { other: 1 }, received: now - 200 }])
  const before = async (from: number, to = now): Promise<HistoryAnswer['before']> =>
    (await ask(topic, { field: 'v', from: at(from), to: at(to) })).before
  t.match(await before(now - 400), { state: 'value', value: 4 })
  t.match(await before(now - 100), { state: 'value', value: 'Infinity' })
  t.match(await before(now - 600), { state: 'none' })

  const later = newTopic('evt')
  await say(later, [{ fields: { v: 7 }, received: now - 60 }])
  // All was stored just now, so from here on a window begins behind what is stored.
  const ahead = systemClock.taiSeconds() + 30
  const behind = await ask(later, { field: 'v', from: at(ahead), to: at(ahead + 1) })
  t.match(behind, { buckets: { length: 0 }, before: { state: 'value', value: 7 }, complete: true })
  t.ok(Math.abs((behind.before as { time: number }).time - (now - 60)) < 0.001)
  t.same(cuts, [])
})

t.test('what the stream may have dropped is not called none', async t => {
  const topic = newTopic('evt')
  const start = taiSecondsOf(Date.now()) - 2_000
  const full = Array.from({ length: 1_000 }, (_, i) => ({ fields: { v: i }, received: start + i }))
  await say(topic, full.slice(0, 999))
  const before = async (): Promise<string> =>
    (await ask(topic, { field: 'v', from: at(start - 10), to: at(start + 5) })).before.state
  t.equal(await before(), 'none')
  await say(topic, full.slice(999))
  t.equal(await before(), 'unknown', 'the limit of the subject is reached')
})

t.test('a device whose clock is 400 s behind has its history, at the times of receipt', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  await say(topic, fiveHertz(now - 20, ones(50), -400))
  const history = await ask(topic, { field: 'v', from: at(now - 30), to: at(now) })
  t.equal(counts(history), 50)
  t.match(history.clock, { offset: -400, setAside: 0 })
  t.ok(Math.abs((history.readFrom ?? 0) - (now - 20)) < 0.001)
  t.ok(Math.abs((history.heldFrom ?? 0) - (now - 20)) < 0.001)
  const narrow = await ask(topic, { field: 'v', from: at(now - 15), to: at(now - 14.999), points: '5000' })
  t.equal(narrow.clock.offset, -400)
})

t.test('samples far off their clock are set aside and counted, late ones stand in their place', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  const samples = fiveHertz(now - 20, ones(50))
  await say(topic, samples.slice(0, 25))
  await say(topic, [{ fields: { v: 99 }, received: now - 15, off: 3_600 }])
  await say(topic, [{ fields: { v: 3 }, received: now - 15, off: -3 }])
  await say(topic, samples.slice(25))
  const history = await ask(topic, { field: 'v', from: at(now - 30), to: at(now), points: '60' })
  t.match(history.clock, { offset: 0, setAside: 1 })
  t.equal(counts(history), 51)
  const late = history.buckets.find(([, , max]) => max === 3)
  t.ok(late !== undefined && Math.abs(late[0] - (now - 18)) <= 0.5, 'where it was measured')
  t.notOk(history.buckets.some(([, , max]) => max === 99))
})

t.test('a clock that is an hour ahead for 17 s loses nothing, and the answer says how to go on', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  await say(topic, fiveHertz(now - 60, ones(100)))
  await say(topic, fiveHertz(now - 40, ones(85), 3_600))
  await say(topic, fiveHertz(now - 23, ones(100)))
  await say(topic, [{ fields: { v: 7 }, received: now - 2, off: 3_600 }])
  const history = await ask(topic, { field: 'v', from: at(now - 65), to: at(now), points: '65' })
  t.equal(counts(history), 285)
  t.notOk(
    history.buckets.some(([, , , count]) => count > 6),
    'each sample in its place'
  )
  t.match(history.clock, { offset: 0, setAside: 1 })
  const { differences, lastReceived, waiting } = history.clock.judge
  t.equal(differences.length, 64)
  t.equal(Math.round(differences.at(-1) ?? 0), 3_600)
  t.ok(Math.abs(lastReceived - (now - 2)) < 0.001)
  t.match(waiting, [[lastReceived + 3_600, lastReceived, 7, 0]])
})

t.test('what a producer kept while the broker was away is found in its place', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  // Received long ago and stored now, as from a spool after an outage of half an hour.
  await say(topic, fiveHertz(now - 1_800, ones(100)))
  await say(topic, fiveHertz(now - 5, ones(10)))
  const history = await ask(topic, { field: 'v', from: at(now - 1_795), to: at(now - 1_790), points: '5' })
  t.equal(counts(history), 26)
  t.match(history.before, { state: 'value', value: 1 })
})

t.test('an array that grows has a history of each element; so has an array of one', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  await say(topic, [
    { fields: { list: [1, 2, 3], one: [7] }, received: now - 5 },
    { fields: { list: [1, 2, 3, 4, 5], one: [8] }, received: now - 4 },
    { fields: { list: [1, 2, 3], one: [9] }, received: now - 3 }
  ])
  const of = async (field: string, index: number): Promise<unknown[]> =>
    (await ask(topic, { field, index: String(index), from: at(now - 9), to: at(now) })).buckets.map(b => b[1])
  t.same(await of('list', 2), [3, 3, 3])
  t.same(await of('list', 4), [5], 'though the last array is shorter')
  t.same(await of('list', 9), [])
  t.same(await of('one', 0), [7, 8, 9])
  await t.rejects(ask(topic, { field: 'one' }), {
    code: 'API_NOT_NUMERIC',
    message: /array of 1: name an index/
  })
})

t.test('a scalar has no elements', async t => {
  const topic = newTopic()
  await say(topic, [{ fields: { v: 1 }, received: taiSecondsOf(Date.now()) - 5 }])
  await t.rejects(ask(topic, { field: 'v', index: '0' }), { code: 'API_UNKNOWN_FIELD', message: /no array/ })
})

t.test('the name of a field may be any text', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  const names = ['a.b', 'temp[0]', 'Größe [m/s²]', ' ', '"', '__proto__', 'x'.repeat(255), '温度']
  const fields = Object.fromEntries([...names.map((name, i) => [name, i + 1]), ['temp', [50]]])
  await say(topic, [{ fields, received: now - 5 }])
  for (const [i, field] of names.entries())
    t.match((await ask(topic, { field })).buckets, [[Number, i + 1, i + 1, 1]], field.slice(0, 20))
  t.match((await ask(topic, { field: 'temp', index: '0' })).buckets, [[Number, 50, 50, 1]])
})

t.test('a field that only some samples have, the last one not among them, has its history', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  await say(topic, [
    { fields: { celsius: 21 }, received: now - 5 },
    { fields: { humidity: 0.5 }, received: now - 4 },
    { fields: { celsius: null, humidity: 0.6 }, received: now - 3 }
  ])
  t.equal(counts(await ask(topic, { field: 'celsius' })), 1)
  await t.rejects(ask(topic, { field: 'kelvin' }), { code: 'API_UNKNOWN_FIELD' })
})

t.test('junk in a stream is left out', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  for (const data of ['junk', '', '\u0000'.repeat(50)]) {
    await append(broker, { subject: topic, data })
    await say(topic, [{ fields: { v: 1 }, received: now - 5 }])
  }
  t.equal(counts(await ask(topic, { field: 'v' })), 3)
  await append(broker, { subject: topic, data: 'junk' })
  t.equal(counts(await ask(topic, { field: 'v' })), 3, 'though it is the last')
})

t.test('windows of a microsecond and of years are answered', async t => {
  const topic = newTopic()
  const now = taiSecondsOf(Date.now())
  await say(topic, fiveHertz(now - 20, ones(50)))
  const wide = await ask(topic, { field: 'v', from: '0', to: '200000000000', points: '5000' })
  t.equal(counts(wide), 50)
  const days = await ask(topic, { field: 'v', from: at(now - 5 * 86_400), to: at(now + 5 * 86_400) })
  t.equal(counts(days), 50)
  const from = now - 15
  const narrow = await ask(topic, { field: 'v', from: from.toFixed(6), to: (from + 1e-5).toFixed(6) })
  t.match(narrow.before, { state: 'value', value: 1 })
  t.ok(counts(narrow) <= 1)
})

t.test('the interval of the catalogue stands where too few samples were read', async t => {
  const topic = `tel.${SITE}.MTMount.0.azimuth`
  const { interval, heldFrom, before } = await ask(topic, { field: 'actualPosition' })
  t.equal(heldFrom, null)
  t.match(before, { state: 'none' })
  t.ok(interval !== null && interval > 0 && interval < 2, `${interval} s`)
})
