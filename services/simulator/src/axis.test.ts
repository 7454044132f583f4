import t from 'tap'
import { type Axis, createAxis, nearestTurn } from './axis.ts'

const limits = { min: -270, max: 270, velocity: 6, acceleration: 3, jerk: 12 }

/** Runs an axis for a time and gives the extremes of its motion. */
function watch(
  axis: Axis,
  from: number,
  to: number
): { velocity: number; acceleration: number; jerk: number } {
  const most = { velocity: 0, acceleration: 0, jerk: 0 }
  for (let s = from; s < to; s += 0.01) {
    axis.advance(s)
    most.velocity = Math.max(most.velocity, Math.abs(axis.velocity()))
    most.acceleration = Math.max(most.acceleration, Math.abs(axis.acceleration()))
    most.jerk = Math.max(most.jerk, Math.abs(axis.jerk()))
  }
  return most
}

t.test('a move ends at its target, within the limits of velocity, acceleration and jerk', async t => {
  const axis = createAxis(limits)
  axis.moveTo(100)
  const estimate = axis.secondsTo(100)
  const most = watch(axis, 0, estimate + 2)
  t.ok(axis.settled(1e-4), 'settled')
  t.ok(Math.abs(axis.position() - 100) < 1e-6)
  t.ok(most.velocity <= 6 + 1e-9 && most.velocity > 5.9, `velocity ${most.velocity}`)
  t.ok(most.acceleration <= 3 + 1e-9, `acceleration ${most.acceleration}`)
  t.ok(most.jerk <= 12 + 1e-6, `jerk ${most.jerk}`)
})

t.test('a move takes about as long as said, and does not overshoot', async t => {
  const axis = createAxis(limits)
  for (const way of [0.001, 0.5, 5, 60]) {
    const start = axis.position()
    axis.moveTo(start + way)
    const seconds = axis.secondsTo(start + way)
    const fresh = createAxis(limits)
    fresh.moveTo(way)
    let furthest = 0
    let took = 0
    for (let s = 0.01; s < seconds + 5 && took === 0; s += 0.01) {
      fresh.advance(s)
      furthest = Math.max(furthest, fresh.position())
      if (fresh.settled(1e-4)) took = s
    }
    t.ok(furthest <= way + 1e-6, `way ${way}: furthest ${furthest}`)
    t.ok(Math.abs(took - seconds) < 0.6, `way ${way}: took ${took}, said ${seconds}`)
  }
})

t.test('any change of mind keeps the limits', async t => {
  const axis = createAxis(limits)
  let from = 0
  for (const [target, seconds] of [
    [80, 3],
    [-90, 4],
    [10, 2.5],
    [200, 7],
    [199, 0.4],
    [-20, 30]
  ] as const) {
    axis.moveTo(target)
    const most = watch(axis, from, from + seconds)
    t.ok(most.velocity <= 6 + 1e-9 && most.acceleration <= 3 + 1e-9 && most.jerk <= 12 + 1e-6, `to ${target}`)
    from += seconds
  }
  t.ok(Math.abs(axis.position() + 20) < 1e-6)
})

t.test('stop in the middle of a move brakes and then holds', async t => {
  const axis = createAxis(limits)
  axis.moveTo(100)
  watch(axis, 0, 5)
  axis.stop()
  const before = axis.position()
  const most = watch(axis, 5, 10)
  t.ok(most.acceleration <= 3 + 1e-9)
  t.equal(axis.mode(), 'held')
  t.equal(axis.velocity(), 0)
  t.ok(axis.position() - before < 12 && axis.position() > before, `went on ${axis.position() - before}`)
  t.ok(axis.settled(1e-4))
})

t.test('a moving target is followed without lag', async t => {
  const axis = createAxis(limits)
  const rate = 15 / 3600
  axis.follow(seconds => ({ position: 20 + rate * seconds, velocity: rate }))
  watch(axis, 0, 20)
  t.ok(axis.settled(1e-4))
  t.ok(
    Math.abs(axis.position() - axis.demand().position) < 1e-5,
    `off by ${axis.position() - axis.demand().position}`
  )
})

t.test('a crawl goes on at its velocity and ends inside the range', async t => {
  const axis = createAxis(limits, 250)
  axis.crawl(2)
  watch(axis, 0, 4)
  t.ok(Math.abs(axis.velocity() - 2) < 1e-6)
  watch(axis, 4, 30)
  t.ok(axis.position() <= 270, `at ${axis.position()}`)
})

t.test('positions beyond the range are cut to it, and a wrapped axis takes the nearest way', async t => {
  const axis = createAxis(limits)
  axis.moveTo(900)
  watch(axis, 0, 100)
  t.ok(Math.abs(axis.position() - 270) < 1e-6)
  const dome = createAxis({ ...limits, min: 0, max: 360 }, 350, 360)
  dome.moveTo(10)
  watch(dome, 0, 30)
  t.ok(Math.abs(dome.position() - 370) < 1e-6, `at ${dome.position()}`)
  t.equal(nearestTurn(-170, 175), 190)
})
