import t from 'tap'
import { correctedTimeOf, createSourceClock, sourceOffsetOf } from './source-clock.ts'

const START = 1_795_000_000

/** The times that a clock gives to samples of a device at 5 Hz, by their differences from the receipt. */
function timesOf(differences: readonly number[], clock = createSourceClock()): (number | undefined)[] {
  return differences.map((difference, i) => {
    const time = clock.take(START + i / 5 + difference, START + i / 5)
    return time === undefined ? undefined : Math.round((time - START) * 1000) / 1000
  })
}

t.test('a clock within ten seconds is taken as it is', async t => {
  const clock = createSourceClock()
  t.same(timesOf([0.1, -3, 9.5, 0.1], clock), [0.1, -2.8, 9.9, 0.7])
  t.match(clock.current(), { offset: 0 })
  t.equal(clock.setAside(), 0)
})

t.test('a clock that is 400 s behind is corrected from the first sample on', async t => {
  const clock = createSourceClock()
  t.same(timesOf(new Array(5).fill(-400), clock), [0, 0.2, 0.4, 0.6, 0.8])
  t.match(clock.current(), { median: -400, offset: -400 })
})

t.test('one sample that is stamped an hour ahead is set aside, and the line goes on', async t => {
  const clock = createSourceClock()
  t.same(timesOf([0, 0, 3600, 0, 0], clock), [0, 0.2, undefined, 0.6, 0.8])
  t.equal(clock.setAside(), 1)
})

t.test('an outlier that comes first does not hold what follows', async t => {
  const clock = createSourceClock()
  t.same(timesOf([3600, 0, 0], clock), [0, 0.2, 0.4], 'alone it stands for its clock, two ask for a third')
})

t.test('samples near the tolerance are not torn apart: they are measured by their clock', async t => {
  const clock = createSourceClock()
  timesOf([9.8, 9.9, 10.1, 9.9, 10.2, 9.8], clock)
  t.equal(clock.setAside(), 0)
})

t.test('a clock that jumps is followed once most of the last 64 samples agree', async t => {
  const clock = createSourceClock()
  timesOf(new Array(64).fill(0), clock)
  const times = timesOf(new Array(40).fill(-3600), clock)
  t.equal(times[0], undefined)
  t.equal(times[39], 7.8)
  t.equal(clock.setAside(), 32)
})

t.test('stamps that are no numbers are set aside and change nothing', async t => {
  const clock = createSourceClock()
  t.equal(clock.take(Number.NaN, START), undefined)
  t.equal(clock.take(START, Number.POSITIVE_INFINITY), undefined)
  t.same(timesOf([1], clock), [1])
  t.equal(clock.setAside(), 2)
})

t.test('the rule for stored samples is the same: the median of all, in any order', async t => {
  t.same(sourceOffsetOf([]), { median: 0, offset: 0 })
  t.same(sourceOffsetOf([37, -4, 37, 36.5]), { median: 36.5, offset: 36.5 })
  t.same(sourceOffsetOf(new Float64Array([3, 1, 2])), { median: 2, offset: 0 })
  t.same(sourceOffsetOf([0, 3600]), { median: 0, offset: 0 }, 'not 1,800')
  const late = sourceOffsetOf([0.1, 0.1, -3])
  t.equal(correctedTimeOf(START - 3, START, late), START - 3, 'three seconds late: in its place')
  t.equal(correctedTimeOf(START + 3600, START, late), undefined)
})
