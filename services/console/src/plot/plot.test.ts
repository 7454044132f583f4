import t from 'tap'
import { fieldNameOf, fieldValueOf, isSameField } from './field-ref.ts'
import { shortNumber, timeLabel } from './labels.ts'
import { drawable } from './plot-series.ts'
import { boundsOf, zoomed } from './plot-window.ts'
import { resample, resampleHeld, usualInterval } from './resample.ts'
import { appendSample, createSeriesBuffer, mergeHistory, positionOf } from './series-buffer.ts'

const filled = (...samples: Array<[number, number]>) => {
  const buffer = createSeriesBuffer()
  for (const [time, value] of samples) appendSample(buffer, time, value)
  return buffer
}

t.test('samples close together share a bucket that keeps their extremes', async t => {
  const buffer = filled([0, 5], [0.05, 9], [0.08, 1], [1, 4])
  t.same(buffer, { times: [0, 1], lows: [1, 4], highs: [9, 4] })
})

t.test('what is no number, or older than the last, is left out', async t => {
  t.same(filled([1, 5], [2, Number.NaN], [0.5, 7]).times, [1])
})

t.test('the buffer stays bounded', async t => {
  const buffer = createSeriesBuffer()
  for (let i = 0; i < 45_000; i++) appendSample(buffer, i, i)
  t.ok(buffer.times.length <= 40_000)
  t.equal(buffer.times.at(-1), 44_999)
})

t.test('history stands before what came live and replaces what it covers', async t => {
  const buffer = filled([100, 1], [101, 2], [102, 3])
  mergeHistory(
    buffer,
    [
      [90, 0, 5, 3],
      [95, 0, 0, 0],
      [100, 7, 8, 2],
      [101.5, 9, 9, 1]
    ],
    { from: 90, until: 101.5 }
  )
  t.same(buffer.times, [90, 100, 102])
  t.same(buffer.highs, [5, 8, 3])
})

t.test('columns keep the extremes of all that falls into them', async t => {
  const { lows, highs, middles } = resample(filled([0.5, 1], [1, 9], [2.5, 4]), 0, 4, 2)
  t.same(lows, [1, 4])
  t.same(highs, [9, 4])
  t.same(middles, [5, 4])
})

t.test('a pause in the data breaks the line, empty columns within its rhythm do not', async t => {
  const buffer = filled([0, 1], [1, 1], [2, 1], [3, 1], [20, 1], [21, 1])
  const { middles } = resample(buffer, 0, 22, 44)
  t.equal(middles[1], undefined)
  t.equal(middles[7], null)
  t.equal(middles.filter(cell => cell === null).length, 1)
})

t.test(
  'what is sent on change stays true until the next message, from before the window to its end',
  async t => {
    const { middles } = resampleHeld(filled([0, 1], [13, 0]), 10, 20, 5)
    t.same(middles, [1, 0, 0, 0, 0])
  }
)

t.test('places in time are found by halving', async t => {
  t.equal(positionOf([1, 2, 3], 2), 1)
  t.equal(positionOf([1, 2, 3], 9), 3)
  t.equal(usualInterval([0, 1, 2, 3, 10]), 1)
})

t.test('zooming about a point keeps it in place, panning moves all', async t => {
  t.same(zoomed({ from: 0, to: 100 }, { factor: 0.5, centre: 50 }), { kind: 'held', from: 25, to: 75 })
  t.same(zoomed({ from: 0, to: 100 }, { shift: 0.1 }), { kind: 'held', from: 10, to: 110 })
  t.same(boundsOf({ kind: 'live', spanSeconds: 60 }, 1000), { from: 940, to: 1000 })
})

t.test('a field may be named as an element is written: its name and its index are two things', async t => {
  const named = { subject: 's', field: 'temp[0]', units: '' }
  const element = { subject: 's', field: 'temp', index: 0, units: '' }
  t.equal(fieldNameOf(named), fieldNameOf(element))
  t.notOk(isSameField(named, element))
  const fields = { 'temp[0]': 5, temp: [7], 'wind.speed': 3 }
  t.equal(fieldValueOf(fields, named), 5)
  t.equal(fieldValueOf(fields, element), 7)
  t.equal(fieldValueOf(fields, { field: 'wind.speed' }), 3)
  t.equal(fieldValueOf(fields, { field: 'toString' }), undefined)
})

t.test('truth values and long integers can be drawn, text cannot', async t => {
  t.equal(drawable(true), 1)
  t.equal(drawable(5n), 5)
  t.ok(Number.isNaN(drawable('text')))
})

t.test('labels have the decimals that their distance needs', async t => {
  t.equal(shortNumber(1.5, [1, 1.5]), '1.5')
  t.equal(shortNumber(20, [10, 20]), '20')
  t.equal(timeLabel(0, [0, 60]), '00:00:00')
  t.equal(timeLabel(0.25, [0, 0.25]), '00:00:00.250')
})
