import t from 'tap'
import { createSeriesBuffer, dropBefore, insertSample, mergeHistory, positionOf } from './series-buffer.ts'

const filled = (...samples: Array<[number, number]>) => {
  const buffer = createSeriesBuffer()
  for (const [time, value] of samples) insertSample(buffer, time, value)
  return buffer
}

t.test('samples close together share a bucket that keeps their extremes, and which came last', async t => {
  t.same(filled([0, 5], [0.05, 9], [0.08, 1], [1, 4]), {
    times: [0, 1],
    lows: [1, 4],
    highs: [9, 4],
    lasts: [1, 4],
    counts: [3, 1]
  })
})

t.test('a sample that comes late stands in its place', async t => {
  const buffer = filled([1, 5], [2, 6], [5, 7], [4, 8], [0.5, 9], [1.05, 3])
  t.same(buffer.times, [0.5, 1, 2, 4, 5])
  t.same(buffer.highs, [9, 5, 6, 8, 7])
  t.same(buffer.lows, [9, 3, 6, 8, 7])
})

t.test('what is no number ends the line, unless a number shares its bucket', async t => {
  t.same(filled([1, 5], [2, Number.NaN], [3, Number.POSITIVE_INFINITY]).lows, [5, Number.NaN, Number.NaN])
  t.same(filled([1, Number.NaN], [1.05, 4], [1.09, Number.NaN]).highs, [4])
})

t.test('the buffer stays bounded', async t => {
  const buffer = createSeriesBuffer()
  for (let i = 0; i < 45_000; i++) insertSample(buffer, i, i)
  t.ok(buffer.times.length <= 40_000)
  t.equal(buffer.times.at(-1), 44_999)
  t.equal(buffer.lows.length, buffer.times.length)
})

t.test('history stands before what came live and replaces what it covers', async t => {
  const buffer = filled([100, 1], [101, 2], [102, 3])
  mergeHistory(
    buffer,
    [
      [90, 0, 5, 3],
      [95, 0, 0, 0],
      [97, Number.NaN, Number.NaN, 2],
      [100, 7, 7, 2],
      [101.5, 9, 9, 1]
    ],
    { from: 90, until: 101.5 }
  )
  t.same(buffer.times, [90, 97, 100, 102])
  t.same(buffer.highs, [5, Number.NaN, 7, 3])
  t.same(buffer.lasts, [Number.NaN, Number.NaN, 7, 3], 'of several values nobody knows the last')
  t.same(buffer.counts, [3, 2, 2, 1])
})

t.test('what is before a moment can be forgotten', async t => {
  const buffer = filled([1, 1], [2, 2], [3, 3])
  dropBefore(buffer, 2)
  t.same(buffer, filled([2, 2], [3, 3]))
})

t.test('places in time are found by halving', async t => {
  t.equal(positionOf([1, 2, 3], 2), 1)
  t.equal(positionOf([1, 2, 3], 9), 3)
})
