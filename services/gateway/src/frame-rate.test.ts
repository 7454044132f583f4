import t from 'tap'
import { FrameRate } from './frame-rate.ts'

t.test('four seconds of frames may come at once, then the rate holds', async t => {
  let now = 0
  const rate = new FrameRate(10, () => now)
  const takeAll = (): number => {
    let taken = 0
    while (rate.take()) taken++
    return taken
  }
  t.equal(takeAll(), 40)
  now += 500
  t.equal(takeAll(), 5)
  now += 60_000
  t.equal(takeAll(), 40)
})
