import t from 'tap'
import { momentOf } from './accept.ts'

t.test('each command is accepted at a moment of its own, also when the clock is set back', async t => {
  let now = 2_000_000_000
  const clock = { taiSeconds: () => now }
  const first = momentOf(clock)
  t.ok(momentOf(clock) > first, 'the clock stands still')
  now -= 0.5
  t.ok(momentOf(clock) > first, 'it is slowed down')
  now -= 3_600
  t.equal(momentOf(clock), now, 'after it was set, a command must not be sent an hour after its notAfter')
})
