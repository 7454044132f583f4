import t from 'tap'
import {
  correctedTimeOf,
  createSourceClock,
  type SourceClock,
  type SourceStamps,
  sourceOffsetOf
} from './source-clock.ts'

const START = 1_795_000_000

interface Sample extends SourceStamps {
  readonly number: number
}

/** Judges samples of a device at 5 Hz. */
function createDevice() {
  let number = 0
  let received = START
  const shown = new Map<number, number>()
  const show = (sample: Sample, time: number): void => {
    shown.set(sample.number, Math.round((time - START) * 1000) / 1000)
  }
  let clock = createSourceClock<Sample>(show)
  return {
    clock: (): SourceClock<Sample> => clock,
    /** Samples by their differences from the receipt, `pause` seconds apart. */
    say(differences: readonly number[], pause = 0.2): void {
      for (const difference of differences) {
        const sample = { source: received + difference, received, number: number++ }
        received += pause
        const time = clock.take(sample)
        if (time !== undefined) show(sample, time)
      }
    },
    /** Nothing comes for so many seconds. */
    stand(seconds: number): void {
      received += seconds
    },
    goOn(): void {
      clock = createSourceClock(show, JSON.parse(JSON.stringify(clock.state())))
    },
    times: (): (number | undefined)[] => Array.from({ length: number }, (_, i) => shown.get(i))
  }
}

const timesOf = (differences: readonly number[]): (number | undefined)[] => {
  const device = createDevice()
  device.say(differences)
  return device.times()
}

const many = (count: number, difference: number): number[] => new Array<number>(count).fill(difference)
const setAside = (times: readonly (number | undefined)[]): number =>
  times.filter(time => time === undefined).length

t.test('a clock within ten seconds is taken as it is', async t => {
  t.same(timesOf([0.1, -3, 9.5, 0.1]), [0.1, -2.8, 9.9, 0.7])
})

t.test('a clock that is 400 s behind is corrected from the first sample on', async t => {
  const device = createDevice()
  device.say(many(5, -400))
  t.same(device.times(), [0, 0.2, 0.4, 0.6, 0.8])
  t.match(device.clock().current(), { median: -400, offset: -400 })
})

t.test('one sample that is stamped an hour ahead is set aside, and the line goes on', async t => {
  t.same(timesOf([0, 0, 3600, 0, 0]), [0, 0.2, undefined, 0.6, 0.8])
})

t.test('an outlier that comes first does not hold what follows', async t => {
  t.same(timesOf([3600, 0, 0]), [0, 0.2, 0.4], 'alone it stands for its clock, two ask for a third')
})

t.test('samples near the tolerance are not torn apart: they are measured by their clock', async t => {
  t.equal(setAside(timesOf([9.8, 9.9, 10.1, 9.9, 10.2, 9.8])), 0)
})

t.test('a clock that jumps loses nothing: what waited is shown once half of the last 64 agree', async t => {
  const device = createDevice()
  device.say([...many(64, 0), ...many(31, -3600)])
  t.equal(setAside(device.times()), 31)
  device.say(many(2, -3600))
  t.equal(setAside(device.times()), 0)
  t.equal(device.times()[64], 12.8)
})

t.test('a device that is an hour ahead for 17 s and right again is shown whole', async t => {
  const times = timesOf([...many(100, 0), ...many(85, 3600), ...many(100, 0)])
  t.same(
    times,
    times.map((_, i) => Math.round(i * 200) / 1000)
  )
})

t.test('a jump of fewer samples than half the window is set aside for good', async t => {
  t.equal(setAside(timesOf([...many(64, 0), ...many(31, 3600), ...many(200, 0)])), 31)
})

t.test(
  'what was held back and is read at one moment does not move the clock, however many it is, and is shown',
  async t => {
    const device = createDevice()
    device.say(many(100, 0))
    device.stand(40)
    const late = Array.from({ length: 100 }, (_, i) => -39.8 + i * 0.4)
    device.say(late, 0.0002)
    t.match(device.clock().current(), { offset: 0 })
    t.same(
      device
        .times()
        .slice(100)
        .map(time => Math.round(time ?? 0)),
      late.map((_, i) => Math.round(20.2 + i * 0.4))
    )
  }
)

t.test('what was held back is shown by another judge, which goes on in the middle of it', async t => {
  const device = createDevice()
  device.say(many(100, 0))
  device.stand(30)
  const late = Array.from({ length: 30 }, (_, i) => i - 29)
  device.say(late.slice(0, 10), 0.0002)
  t.equal(setAside(device.times()), 10)
  device.goOn()
  device.say(late.slice(10), 0.0002)
  t.equal(setAside(device.times()), 0)
})

t.test('an outlier, and a clock that jumps back, are not taken for what was held back', async t => {
  t.equal(setAside(timesOf([...many(64, 0), -3600, ...many(20, 0)])), 1)
  t.equal(setAside(timesOf([...many(64, 0), ...many(20, -12), ...many(20, 0)])), 20)
  const device = createDevice()
  device.say(many(64, 0))
  device.stand(60)
  device.say(many(20, -30))
  t.equal(setAside(device.times()), 20, 'after a pause that is longer than the jump')
  device.say(many(13, -30))
  t.equal(setAside(device.times()), 0)
  t.equal(device.times()[64], 72.8, 'by its own clock: when it was received')
})

t.test('another judge goes on where one stopped', async t => {
  for (const stop of [0, 10, 64, 80, 100, 130]) {
    const all = [...many(70, 0), ...many(40, 3600), ...many(70, 5)]
    const device = createDevice()
    device.say(all.slice(0, stop))
    device.goOn()
    device.say(all.slice(stop))
    t.same(device.times(), timesOf(all), `after ${stop}`)
  }
})

t.test('stamps that are no numbers are set aside and change nothing', async t => {
  const device = createDevice()
  device.say([Number.NaN, Number.POSITIVE_INFINITY, 1])
  t.same(device.times(), [undefined, undefined, 1.4])
  t.same(device.clock().state().differences, [0], 'one second is no difference')
})

t.test('what waits is bounded', async t => {
  const device = createDevice()
  device.say(many(100, 0))
  device.say(many(5_000, -3600), 0.00001)
  t.ok(device.clock().state().waiting.length <= 1_300)
})

t.test('the rule for stored samples is the same: the median of all, in any order', async t => {
  t.same(sourceOffsetOf([]), { median: 0, offset: 0 })
  t.same(sourceOffsetOf([37, -4, 37, 36.5]), { median: 36.5, offset: 36.5 })
  t.same(sourceOffsetOf(new Float64Array([3, 1, 2])), { median: 2, offset: 0 })
  t.same(sourceOffsetOf([0, 3600]), { median: 0, offset: 0 }, 'not 1,800')
  const late = sourceOffsetOf([0.1, 0.1, -3])
  t.equal(
    correctedTimeOf({ source: START - 3, received: START }, late),
    START - 3,
    'three seconds late: in its place'
  )
  t.equal(correctedTimeOf({ source: START + 3600, received: START }, late), undefined)
})
