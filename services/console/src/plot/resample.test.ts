import t from 'tap'
import { isGap } from './gaps.ts'
import { lonePoints } from './lone-points.ts'
import { resample, resampleHeld } from './resample.ts'
import { createSeriesBuffer, insertSample, mergeHistory } from './series-buffer.ts'

type Samples = ReadonlyArray<readonly [time: number, value: number]>

function filled(...parts: Samples[]) {
  const buffer = createSeriesBuffer()
  for (const [time, value] of parts.flat()) insertSample(buffer, time, value)
  return buffer
}

/** Samples of one value at a rate. */
const steady = (from: number, to: number, hz: number, value = 3): Samples =>
  Array.from({ length: Math.round((to - from) * hz) }, (_, i) => [from + i / hz, value] as const)

const trust = { until: Number.POSITIVE_INFINITY, silences: [] }

t.test('columns keep the extremes of all that falls into them', async t => {
  const buffer = filled([
    [0.5, 1],
    [1, 9],
    [2.5, 4]
  ])
  const { lows, highs, middles } = resample(buffer, { from: 0, to: 4, count: 2 })
  t.same(lows, [1, 4])
  t.same(highs, [9, 4])
  t.same(middles, [5, 4])
})

t.test('a silence is an empty span, however wide it is, and no straight line', async t => {
  const buffer = filled(steady(0, 8, 5), [[23, 9]])
  const { middles } = resample(buffer, { from: 0, to: 24, count: 96 })
  const broken = middles.slice(0, 93).flatMap((cell, at) => (cell === null ? [at] : []))
  t.same([broken[0], broken.at(-1), broken.length], [32, 91, 60])
  t.equal(middles[92], 9)
})

t.test('the same silence is empty in coarse buckets of history', async t => {
  const buffer = createSeriesBuffer()
  const buckets = [0, 3, 6, 24, 27].map(at => [at, 3, 3, 15] as const)
  mergeHistory(buffer, buckets, { from: 0, until: 100 })
  t.notOk(isGap(buffer, 1, 0.2))
  t.ok(isGap(buffer, 3, 0.2))
})

t.test('a span of values that are no numbers is empty', async t => {
  const buffer = filled(steady(0, 8, 5), steady(8, 16, 5, Number.NaN), steady(16, 20, 5))
  const { middles } = resample(buffer, { from: 0, to: 20, count: 40 })
  t.same(
    middles.map(cell => (cell === null ? '-' : '#')).join(''),
    `${'#'.repeat(16)}${'-'.repeat(16)}${'#'.repeat(8)}`
  )
  const slow = filled([
    [0, 1],
    [10, Number.NaN],
    [20, 1]
  ])
  t.same(resample(slow, { from: 0, to: 21, count: 7 }).middles, [1, null, null, null, null, null, 1])
})

t.test('a source that changes its pace has a line in both', async t => {
  const buffer = filled(steady(0, 8, 5), steady(8, 200, 1 / 15))
  const gaps = buffer.times.flatMap((_, at) => (at > 0 && isGap(buffer, at, undefined) ? [at] : []))
  t.same(gaps, [])
  const twice = filled(steady(0, 8, 5), [[23, 9]], steady(38, 46, 5))
  t.same(
    twice.times.flatMap((time, at) => (at > 0 && isGap(twice, at, undefined) ? [time] : [])),
    [23, 38],
    'a lone value between two silences does not bridge them'
  )
})

t.test('too few values to have a rhythm go by what the record tells of it', async t => {
  const buffer = filled([
    [0, 1],
    [60, 1]
  ])
  t.ok(isGap(buffer, 1, 1))
  t.notOk(isGap(buffer, 1, 60))
  t.notOk(isGap(buffer, 1, undefined), 'nothing is known: the line is drawn')
})

t.test('a window between two samples shows the line between them', async t => {
  const buffer = filled([
    [0, 0],
    [1, 10]
  ])
  const { middles } = resample(buffer, { from: 0.4, to: 0.6, count: 4 })
  t.match(
    middles.map(cell => typeof cell),
    ['number', 'undefined', 'undefined', 'number']
  )
  t.ok(Math.abs((middles[0] as number) - 4.25) < 1e-9)
  t.ok(Math.abs((middles[3] as number) - 5.75) < 1e-9)
})

t.test('what is sent on change stays true until the next message, from before the window on', async t => {
  const buffer = filled([
    [0, 1],
    [13, 0]
  ])
  t.same(resampleHeld(buffer, { from: 10, to: 20, count: 5 }, trust).middles, [1, 0, 0, 0, 0])
  t.same(
    resampleHeld(buffer, { from: -4, to: 6, count: 5 }, trust).middles,
    [undefined, undefined, 1, 1, 1],
    'nothing before the first'
  )
})

t.test('a value is held no longer than its source lives and the link is sound', async t => {
  const buffer = filled([
    [0, 1],
    [16, 0]
  ])
  const grid = { from: 0, to: 20, count: 10 }
  t.same(resampleHeld(buffer, grid, { ...trust, silences: [{ from: 4, to: 10 }] }).middles, [
    1,
    1,
    null,
    null,
    null,
    1,
    1,
    1,
    0,
    0
  ])
  t.same(
    resampleHeld(buffer, grid, { ...trust, silences: [{ from: 4 }] }).middles,
    [1, 1, null, null, null, null, null, null, 0, null],
    'what is heard all the same is shown'
  )
  t.same(resampleHeld(filled([[0, 1]]), grid, { ...trust, until: 8 }).middles.slice(3), [
    1,
    1,
    null,
    null,
    null,
    null,
    null
  ])
})

t.test('where nobody knows which value of a bucket was the last, none is chosen', async t => {
  const buffer = createSeriesBuffer()
  mergeHistory(buffer, [[0, 0, 1, 2]], { from: 0, until: 10 })
  const { lows, highs, middles } = resampleHeld(buffer, { from: 0, to: 4, count: 2 }, trust)
  t.same({ lows, highs, middles }, { lows: [0, 0], highs: [1, 1], middles: [null, null] })
})

t.test('a number that no line reaches gets a dot', async t => {
  t.same(lonePoints([undefined, 5, undefined]), [1])
  t.same(lonePoints([5, undefined, 6, null, 7, null, null, 8, 9, null, undefined, 1]), [4, 11])
  t.same(lonePoints([]), [])
})
