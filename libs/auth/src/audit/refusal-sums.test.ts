import t from 'tap'
import type { AuthEvent } from '../users/auth-event.ts'
import { createRefusalSums } from './refusal-sums.ts'

const refused: AuthEvent = { what: 'log-in-refused', name: 'ada', address: '10.0.0.1', code: 'AUT_WRONG' }

t.test('the first refusal is told at once, the others of its minute as one sum', async t => {
  const sums = createRefusalSums()
  t.strictSame([sums.isFirst(refused), sums.isFirst(refused), sums.isFirst(refused)], [true, false, false])
  t.ok(sums.isFirst({ ...refused, address: '10.0.0.2' }), 'another address')
  t.strictSame(sums.take(), [{ event: refused, times: 2 }])
  t.strictSame(sums.take(), [])
  t.ok(sums.isFirst(refused), 'the next minute begins anew')
})

t.test('a flood of names and addresses is one line of each kind', async t => {
  const sums = createRefusalSums()
  const told = Array.from({ length: 50_000 }, (_, n) => sums.isFirst({ ...refused, name: `u${n}` })).filter(
    Boolean
  )
  t.equal(told.length, 1_001)
  t.strictSame(sums.take(), [{ event: { what: 'log-in-refused', code: 'AUT_WRONG' }, times: 50_000 - 1_001 }])
})
