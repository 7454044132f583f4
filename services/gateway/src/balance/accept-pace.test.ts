import fc from 'fast-check'
import t from 'tap'
import { createAcceptPace } from './accept-pace.ts'

t.test('as many as allowed come in at once, the next ones a second behind them', async t => {
  let now = 0
  const pace = createAcceptPace(2, () => now)
  t.same([pace.turn(), pace.turn(), pace.turn(), pace.turn(), pace.turn()], [0, 0, 1000, 1000, 2000])
  t.equal(pace.waited(), 3)
  now = 3_000
  t.equal(pace.turn(), 0)
})

t.test('who would wait longer than five seconds has no turn, and takes none', async t => {
  let now = 0
  const pace = createAcceptPace(1, () => now)
  for (let i = 0; i <= 5; i++) t.equal(pace.turn(), i * 1000)
  for (let i = 0; i < 100; i++) t.equal(pace.turn(), undefined)
  now = 1_000
  t.equal(pace.turn(), 5_000)
})

t.test('whenever they come, no second sees more than allowed', async () => {
  const pauses = fc.array(fc.nat(400), { maxLength: 100 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), pauses, (perSecond, steps) => {
      let now = 0
      const pace = createAcceptPace(perSecond, () => now)
      const accepted: number[] = []
      for (const step of steps) {
        now += step
        const waitMs = pace.turn()
        if (waitMs !== undefined) accepted.push(now + waitMs)
      }
      accepted.sort((a, b) => a - b)
      return accepted.every((at, i) => i < perSecond || at - (accepted[i - perSecond] as number) >= 1000)
    })
  )
})
