import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { HistoryAnswer } from '@meridian/protocol/http'
import { isSameTime } from '@meridian/time'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { historyOf, type RecordedValue } from '../../test/harness/history-of.ts'
import { createPlotSeries, type PlotSeries } from './plot-series.ts'
import { spanToFetch } from './plot-store.ts'
import type { SeriesBuffer } from './series-buffer.ts'

const ref = {
  subject: 'tel.summit.MTMount.0.azimuth',
  field: 'actualPosition',
  units: 'deg'
}
const span = { from: 100, to: 200, nowTai: 200 }

const answerOf = (complete: boolean): HistoryAnswer => ({
  topic: ref.subject,
  field: ref.field,
  from: span.from,
  to: span.to,
  buckets: [[150, 1, 1, 1]],
  before: { state: 'none' },
  clock: { offset: 0, setAside: 0, judge: { differences: [], lastReceived: 0, shownUpTo: 0, waiting: [] } },
  interval: 1,
  complete,
  readFrom: complete ? span.from : 140,
  heldFrom: 0
})
const lost = { error: { code: 'NET_CONNECTION_LOST', message: 'cut off', canRetry: false } }
const refused = { error: { code: 'API_BAD_QUERY', message: 'no', canRetry: false } }

/** A series whose questions for history get these answers in turn, the last one again and again. */
function seriesAnswered(t: Test, ...answers: readonly (readonly [status: number, body: object])[]) {
  let asked = 0
  const { fetch } = globalThis
  globalThis.fetch = async () => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}]
    return new Response(JSON.stringify(body), { status })
  }
  mock.timers.enable({ apis: ['setTimeout'] })
  const series = createPlotSeries(ref, { colour: 0, changed: () => undefined })
  t.teardown(() => {
    series.close()
    mock.timers.reset()
    globalThis.fetch = fetch
  })
  const pass = async (ms: number): Promise<void> => {
    mock.timers.tick(ms)
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  }
  return { series, pass, asked: () => asked }
}

t.test('history whose connection was cut is asked again, and what is wrong is not', async t => {
  const { series, pass, asked } = seriesAnswered(t, [502, lost], [200, answerOf(true)])
  await series.fill(span)
  t.match(series.history.value, { kind: 'failed' })
  await pass(3_000)
  t.match(series.history.value, { kind: 'loaded' })
  await pass(120_000)
  t.equal(asked(), 2)
})

t.test('what can never be answered is asked once', async t => {
  const { series, pass, asked } = seriesAnswered(t, [400, refused])
  await series.fill(span)
  await pass(120_000)
  t.equal(asked(), 1)
  t.match(series.history.value, { kind: 'failed' })
})

t.test('a part that was not read is asked for again, a few times', async t => {
  const { series, pass, asked } = seriesAnswered(t, [200, answerOf(false)], [200, answerOf(true)])
  await series.fill(span)
  t.equal(series.record.value?.isComplete, false)
  await pass(3_000)
  t.equal(series.record.value?.isComplete, true)
  t.equal(asked(), 2)
})

t.test('a span that is never read whole is not asked for without end', async t => {
  const { series, pass, asked } = seriesAnswered(t, [200, answerOf(false)])
  await series.fill(span)
  for (let i = 0; i < 20; i++) await pass(60_000)
  t.equal(asked(), 5)
  await series.fill(span)
  t.equal(asked(), 6, 'a person asks anew')
})

const START = 1_795_000_000

t.test('a history that fails again and again is asked for less and less often', async t => {
  const slow = { error: { code: 'BRK_TIMEOUT', message: 'late', canRetry: true } }
  const { series, pass, asked } = seriesAnswered(t, [504, slow])
  await series.fill(span)
  const asks: number[] = []
  for (const seconds of [3, 6, 12, 24, 48, 48]) {
    await pass(1000 * seconds - 1)
    asks.push(asked())
    await pass(1)
    asks.push(asked())
  }
  t.same(asks, [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7])
})

/** A stretch of samples: how the clock of the source is off, or for how long a frozen broker held them back. */
const stretches = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 90 }),
    off: fc.constantFrom(0, 0, 0, 0.7, -3, 9.9, 15.3, -37, 400.25, 3600.5),
    pause: fc.constantFrom(0.2, 0.5, 1.1),
    isHeldBack: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.boolean())
  }),
  { minLength: 1, maxLength: 6 }
)
type Stretch = typeof stretches extends fc.Arbitrary<readonly (infer S)[]> ? S : never

/** What a source says, in the order of the stream; the last 70 samples are by a settled clock. */
function recordOf(all: readonly Stretch[]): readonly RecordedValue[] {
  const samples: RecordedValue[] = []
  let now = START
  for (const { count, off, pause, isHeldBack } of [
    ...all,
    { count: 70, off: 0, pause: 0.5, isHeldBack: false }
  ]) {
    const end = now + count * pause
    for (let i = 0; i < count; i++) {
      now += pause
      // Values tell which samples a bucket has.
      const received = isHeldBack ? end + i / 10_000 : now + 0.003
      samples.push({ source: now + off, received, value: samples.length })
    }
    now = Math.max(now, end) + pause
  }
  return samples
}

/** As a gateway has it: a time of receipt that says no more is left out. */
const updateOf = ({ source, received, value }: RecordedValue) => ({
  time: source,
  received: isSameTime(source, received) ? source : received,
  fields: { [ref.field]: value }
})

/** True where another line has the values of a bucket too: samples closer than a tenth of a second share one. */
const hasNear = ({ times, lows, highs }: SeriesBuffer, time: number, value: number): boolean =>
  times.some(
    (other, i) =>
      Math.abs(other - time) <= 0.1001 && (lows[i] as number) <= value && value <= (highs[i] as number)
  )

/** What one line shows and another does not: `time: value`. */
const missing = ({ times, lows, highs }: SeriesBuffer, other: SeriesBuffer): readonly string[] =>
  times.flatMap((time, i) =>
    [lows[i] as number, highs[i] as number]
      .filter(value => !hasNear(other, time, value))
      .map(value => `${(time - START).toFixed(1)}: ${value}`)
  )

t.test('a line that was watched live shows what it shows once it is loaded anew', async t => {
  const { fetch } = globalThis
  t.teardown(() => {
    globalThis.fetch = fetch
  })
  let stored: readonly RecordedValue[] = []
  globalThis.fetch = async input => {
    const { searchParams: query } = new URL(String(input), 'http://localhost')
    const [from, to] = [Number(query.get('from')), Number(query.get('to'))]
    const body = historyOf(stored, { topic: ref.subject, field: ref.field, from, to })
    return new Response(JSON.stringify(body))
  }
  const load = (series: PlotSeries, record: readonly RecordedValue[]): Promise<void> => {
    stored = record
    const nowTai = record.at(-1)?.received ?? START
    return series.fill(spanToFetch({ from: START - 10, to: nowTai }, nowTai))
  }
  const property = fc.asyncProperty(stretches, fc.nat(500), fc.nat(5), async (given, opened, meanwhile) => {
    const record = recordOf(given)
    const [watched, loaded] = [0, 1].map(() => createPlotSeries(ref, { colour: 0, changed: () => undefined }))
    if (watched === undefined || loaded === undefined) return
    const open = Math.max(1, opened % record.length)
    watched.take(updateOf(record[open - 1] as RecordedValue))
    const answer = load(watched, record.slice(0, open))
    for (const one of record.slice(open, open + meanwhile)) watched.take(updateOf(one))
    await answer
    for (const one of record.slice(open + meanwhile)) watched.take(updateOf(one))
    await load(loaded, record)
    assert.deepEqual(
      [missing(watched.buffer, loaded.buffer), missing(loaded.buffer, watched.buffer)],
      [[], []],
      'shown live alone, and loaded alone'
    )
    for (const one of [watched, loaded]) one.close()
  })
  await fc.assert(property, { numRuns: 100 })
})
