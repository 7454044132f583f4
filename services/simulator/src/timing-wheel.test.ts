import t from 'tap'
import { tickAt } from './tick.ts'
import { createTimingWheel, periodOf } from './timing-wheel.ts'

const run = (wheel: ReturnType<typeof createTimingWheel>, ticks: number): void => {
  for (let tick = 0; tick < ticks; tick++) wheel.run(tickAt(tick, 0))
}

t.test('each job runs at its rate', async t => {
  const wheel = createTimingWheel()
  const counts = new Map<number, number>()
  for (const rate of [50, 20, 10, 4, 1, 0.2])
    wheel.add(rate, () => counts.set(rate, (counts.get(rate) ?? 0) + 1))
  run(wheel, 2000)
  t.strictSame(
    [...counts].sort((a, b) => b[0] - a[0]),
    [
      [50, 1000],
      [20, 400],
      [10, 200],
      [4, 80],
      [1, 20],
      [0.2, 4]
    ]
  )
  t.equal(periodOf(1000), 1)
})

t.test('work is spread evenly over the ticks', async t => {
  const wheel = createTimingWheel()
  const perTick = new Uint32Array(1000)
  const count = ({ tick }: { tick: number }): void => {
    perTick[tick] = (perTick[tick] ?? 0) + 1
  }
  const add = (jobs: number, rate: number): void => {
    for (let i = 0; i < jobs; i++) wheel.add(rate, count)
  }
  add(18, 50)
  add(30, 20)
  add(122, 1)
  run(wheel, 1000)
  const mean = perTick.reduce((sum, n) => sum + n, 0) / 1000
  t.ok(Math.max(...perTick) <= mean + 2, `most ${Math.max(...perTick)}, mean ${mean}`)
})

t.test('a job may take itself off, and one that throws disturbs no other', async t => {
  const errors: unknown[] = []
  const wheel = createTimingWheel(err => errors.push(err))
  let ran = 0
  const off = wheel.add(100, () => off())
  wheel.add(100, () => {
    throw new Error('broken model')
  })
  wheel.add(100, () => ran++)
  run(wheel, 10)
  t.equal(ran, 10)
  t.equal(errors.length, 10)
  t.equal(wheel.size(), 2)
})
