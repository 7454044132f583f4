import t from 'tap'
import { createTimedTick } from './timed-tick.ts'

t.test('a tick tells how long it took and how late it began, never by less than nothing', async t => {
  const told: number[][] = []
  let nowMs = 1_000
  const tick = createTimedTick(
    () => {
      nowMs += 3
    },
    (...times) => told.push(times),
    () => nowMs
  )
  for (const beginsMs of [1_000, 1_050, 1_120, 1_165]) {
    nowMs = beginsMs
    tick()
  }
  t.same(told, [
    [3, 0],
    [3, 0],
    [3, 20],
    [3, 0]
  ])
})
