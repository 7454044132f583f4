import { firstMessage, lastMessage, readStream, streamState } from '@meridian/broker'
import { loadCatalogue } from '@meridian/catalogue'
import type { HistoryAnswer, HistoryQueryTexts } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import { systemClock, taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { readHistory } from '../src/history.ts'
import { findField } from '../src/history-field.ts'
import { parseHistoryQuery } from '../src/history-query.ts'
import {
  patienceOf,
  type ReadEnd,
  type ReadLimits,
  readNewestFirst,
  type StoredRange
} from '../src/newest-first.ts'
import { openSite, SITE, sampleOf, store } from './harness.ts'

const { broker, nats } = await openSite(t)
const catalogue = loadCatalogue()

const topic = `tel.${SITE}.MTRotator.0.rotation`
const other = `tel.${SITE}.MTRotator.0.motors`
const STORED = 15_000
const SECONDS = 300
const bornAt = taiSecondsOf(Date.now()) - SECONDS
const timeOf = (n: number): number => bornAt + (n * SECONDS) / STORED
const saidAt = (n: number): number => (n % 977 === 0 ? 1e6 + n : Math.sin(n / 40))
const allOf = { maxMessages: 60_000, maxBytes: 1e9, timeoutMs: 20_000 }

let published = 0
const publish = (subject: string, time: number, fields: object): void => {
  broker.publish(subject, sampleOf(fields, time))
  published++
}
const noise = (count: number): void => {
  for (let i = 0; i < count; i++) publish(other, bornAt, { calibrated: [i] })
}
// A server drops what waits for its store beyond some thousand messages.
const allStored = (): Promise<unknown> =>
  waitFor(async () => (await streamState(broker, 'TEL')).messages >= published, {
    what: 'all is stored',
    timeoutMs: 20_000,
    everyMs: 5
  })

/** Others lie between, many in one place and none in another, so that windows cannot be guessed. */
t.before(async () => {
  for (let n = 0; n < STORED; n++) {
    publish(topic, timeOf(n), { actualPosition: saidAt(n) })
    if (n > 9_000 && n % 5 === 0) noise(7)
    if (n === 4_000) noise(3_000)
    if (n % 1_000 === 0) await allStored()
  }
  noise(3_000)
  await allStored()
})

const ask = (texts: Partial<HistoryQueryTexts>, limits: Partial<ReadLimits> = {}): Promise<HistoryAnswer> => {
  const query = parseHistoryQuery({ topic, field: 'actualPosition', ...texts }, SITE, systemClock)
  const field = findField(catalogue, query)
  const context = {
    broker,
    catalogue,
    field,
    limits: { ...allOf, ...limits },
    onRead: () => {},
    onCut: () => {}
  }
  return readHistory({ ...context, signal: new AbortController().signal }, query)
}

async function rangeOf(times: Partial<StoredRange> = {}): Promise<StoredRange> {
  const last = await lastMessage(broker, 'TEL', topic)
  if (last === undefined) throw new Error('nothing is stored')
  const { epoch } = await streamState(broker, 'TEL')
  const range = { stream: 'TEL', epoch, subjects: [topic], messageBytes: last.data.length }
  return { ...range, fromUs: 0, toSeq: last.seq, hasNewer: false, ...times }
}

/** The sequences of each window, newest window first. */
async function windowsOf(
  range: StoredRange,
  { limits = {}, onMessage = () => {} }: { limits?: Partial<ReadLimits>; onMessage?: () => void } = {}
): Promise<{ windows: number[][]; end: ReadEnd }> {
  const windows: number[][] = []
  let window: number[] = []
  const end = await readNewestFirst(
    {
      broker,
      limits: { ...allOf, ...limits },
      patience: patienceOf({ ...allOf, ...limits }, new AbortController().signal),
      onMessage({ seq }) {
        window.push(seq)
        onMessage()
      },
      onWindow() {
        windows.push(window)
        window = []
      }
    },
    range
  )
  return { windows, end }
}

/** What the buckets must be, computed from what was said. */
function bruteForce(numbers: readonly number[], from: number, to: number, points: number): number[][] {
  const width = (to - from) / points
  const inside = numbers.filter(n => timeOf(n) >= from && timeOf(n) <= to)
  const buckets = new Map<number, number[]>()
  for (const n of inside) {
    const at = Math.min(points - 1, Math.floor((timeOf(n) - from) / width))
    const values = buckets.get(at)
    if (values === undefined) buckets.set(at, [saidAt(n)])
    else values.push(saidAt(n))
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => [from + at * width, Math.min(...values), Math.max(...values), values.length])
}
const numbersFrom = (first: number): number[] => Array.from({ length: STORED - first }, (_, i) => first + i)

t.test('buckets are the same as when all values are looked at, whatever the bounds of the range', async t => {
  for (const [from, to, points] of [
    [bornAt - 100, bornAt + SECONDS + 5, 600],
    [bornAt + 33.3, bornAt + 211.1, 7],
    [bornAt + 299, bornAt + 300, 50]
  ] as const) {
    const history = await ask({ from: from.toFixed(6), to: to.toFixed(6), points: String(points) })
    t.same(history.buckets, bruteForce(numbersFrom(0), history.from, history.to, points))
    t.equal(history.complete, true)
    t.equal(history.readFrom, bornAt)
  }
})

t.test('a range that ended before the newest values were stored reads none of those', async t => {
  const { timeUs: firstUs } = (await firstMessage(broker, 'TEL', topic)) ?? { timeUs: 0 }
  const { toSeq: lastSeq } = await rangeOf()
  const toSeq = Math.floor(lastSeq / 2)
  const range = await rangeOf({ toSeq, hasNewer: true, fromUs: firstUs + 10_000 })
  const { windows, end } = await windowsOf(range)
  const some = windows.flat().length
  t.ok(some > 0 && some < STORED, `${some} of ${STORED}`)
  t.equal(end, 'all')
  const newer: number[] = []
  const newest = { stream: 'TEL', subjects: [topic], from: { seq: toSeq + 1 } }
  for await (const { seq } of readStream(broker, { ...newest, ...allOf })) newer.push(seq)
  const first = windows.flat().reduce((least, seq) => Math.min(least, seq), Number.POSITIVE_INFINITY)
  const { windows: before } = await windowsOf(await rangeOf({ toSeq: first - 1, hasNewer: true }))
  t.equal(some + newer.length + before.flat().length, STORED, 'three ranges that touch are the whole')
})

t.test('each bound leaves out the oldest values and none of the others', async t => {
  const texts = { from: (bornAt - 1).toFixed(6), to: (bornAt + SECONDS).toFixed(6), points: '100' }
  const cases: Partial<ReadLimits>[] = [{ maxMessages: 7_777 }, { maxMessages: 1 }, { maxBytes: 600_000 }]
  for (const limits of cases) {
    const { buckets, complete, readFrom, heldFrom, from, to } = await ask(texts, limits)
    const count = buckets.reduce((sum, [, , , n]) => sum + n, 0)
    t.same(buckets, bruteForce(numbersFrom(STORED - count), from, to, 100), JSON.stringify(limits))
    t.equal(complete, false)
    t.equal(readFrom, timeOf(STORED - count))
    t.equal(heldFrom, bornAt)
    t.ok(count > 0 && count <= (limits.maxMessages ?? STORED), `${count} values`)
    if (limits.maxMessages !== undefined) t.equal(count, limits.maxMessages)
  }
})

t.test('a window that was larger than its newest message promised is left out', async t => {
  const range = await rangeOf({ messageBytes: 1 })
  t.same(await windowsOf(range, { limits: { maxBytes: 20_000 } }), { windows: [], end: 'cut' })
})

/** Reads until `meet` ends it: how it ended, how much it handed over, and how much by each window's end. */
async function readUntil(
  meet: (progress: { count: number; windows: readonly number[]; abort: () => void }) => void,
  timeoutMs: number
): Promise<{ end: ReadEnd; count: number; windows: readonly number[] }> {
  const windows: number[] = []
  let count = 0
  const ended = new AbortController()
  const limits = { ...allOf, timeoutMs }
  const told = (): void => meet({ count, windows, abort: () => ended.abort() })
  const onMessage = (): void => {
    count++
    told()
  }
  const onWindow = (): void => {
    windows.push(count)
    told()
  }
  const range = await rangeOf()
  const patience = patienceOf(limits, ended.signal)
  const end = await readNewestFirst({ broker, limits, patience, onMessage, onWindow }, range)
  return { end, count, windows }
}

t.test('a broker that stands still ends a reading with the windows that were read', async t => {
  const { end, count, windows } = await readUntil(({ windows }) => {
    if (windows.length === 1) void nats.freeze()
  }, 1_000)
  nats.thaw()
  // What the broker had sent before it stood still may come behind that window.
  t.match([end, windows.length], ['cut', 1])
  t.ok((windows[0] as number) <= count)
})

t.test('a window that is not read to its end is left out', async t => {
  const { end, count, windows } = await readUntil(({ windows, count, abort }) => {
    if (count === (windows[0] ?? Number.NaN) + 100) abort()
  }, allOf.timeoutMs)
  t.equal(end, 'cut')
  t.ok((windows.at(-1) as number) < count, 'what was handed over of the cut window is not promised')
})

t.test(
  'events are read as far as the stream keeps them: booleans, integers and enumerations are numbers',
  async t => {
    const { maxPerSubject } = await streamState(broker, 'EVT')
    const dropped = 30
    const event = `evt.${SITE}.MTMount.0.summaryState`
    const now = taiSecondsOf(Date.now())
    const states = Array.from({ length: maxPerSubject + dropped }, (_, i) => ({
      time: now - maxPerSubject - dropped + i,
      fields: { summaryState: 1 + (i % 5) }
    }))
    await store(broker, event, states)
    const range = { from: (now - 2 * maxPerSubject).toFixed(6), to: now.toFixed(6) }
    const history = await ask({ topic: event, field: 'summaryState', ...range, points: '1' })
    t.match(history, { buckets: [[Number, 1, 5, maxPerSubject]], complete: true })
    t.equal(history.heldFrom, states[dropped]?.time, `the stream keeps ${maxPerSubject}`)
    t.equal(history.readFrom, states[dropped]?.time)

    const mixed = `evt.${SITE}.Greenhouse.0.door`
    const fields = { open: true, visits: -70_000, big: 2 ** 40, wide: 2n ** 60n }
    await store(broker, mixed, [{ time: now - 3, fields }])
    for (const [field, value] of Object.entries(fields)) {
      const { buckets } = await ask({ topic: mixed, field, ...range, points: '1' })
      t.same(buckets[0]?.slice(1), [Number(value), Number(value), 1], field)
    }
  }
)

// The last one, since it adds values to the topic.
t.test('windows join without a hole or a repetition, the newest first, while more is stored', async t => {
  const range = await rangeOf()
  let during = 0
  const { windows, end } = await windowsOf(range, {
    onMessage() {
      if (during++ % 50 === 0) publish(topic, bornAt - 1_000, { actualPosition: -1e9 })
    }
  })
  t.equal(end, 'all')
  t.ok(windows.length >= 3, `${windows.length} windows`)
  const seqs = windows.toReversed().flat()
  t.equal(seqs.length, STORED)
  t.equal(seqs[0], (await firstMessage(broker, 'TEL', topic))?.seq)
  t.equal(seqs.at(-1), range.toSeq)
  t.ok(
    seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] as number)),
    'each once and in order'
  )
})

t.test(
  'what a Script and its queue say of one script has a history too, as the catalogue knows it',
  async t => {
    const fromNow = systemClock.taiSeconds()
    const below = (name: string): string => `script.${SITE}.1.100001.${name}`
    for (let n = 0; n < 3; n++) {
      broker.publish(below('state'), sampleOf({ state: n }, fromNow + n / 10))
      broker.publish(below('script'), sampleOf({ scriptState: n + 5 }, fromNow + n / 10))
    }
    await waitFor(async () => (await streamState(broker, 'SCRIPT')).messages >= 6, { what: 'all is stored' })
    const valuesOf = async (topic: string, field: string): Promise<readonly unknown[]> =>
      (await ask({ topic, field, from: String(fromNow - 1), to: String(fromNow + 10) })).buckets.map(
        ([, least]) => least
      )
    t.same(await valuesOf(below('state'), 'state'), [0, 1, 2])
    t.same(await valuesOf(below('script'), 'scriptState'), [5, 6, 7])
    await t.rejects(valuesOf(below('script'), 'path'), { code: 'API_NOT_NUMERIC' })
  }
)
