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

t.test('a sum names what was asked for, and one network of IPv6 is one address', async t => {
  const sums = createRefusalSums()
  const denied: AuthEvent = { what: 'command-refused', name: 'bob', code: 'CMD_NOT_ALLOWED' }
  const about = (n: number) => [`MTMount.0.command${n}`]
  t.ok(sums.isFirst({ ...denied, about: about(0) }))
  for (let n = 1; n < 9; n++) t.notOk(sums.isFirst({ ...denied, about: about(n) }))
  t.strictSame(sums.take(), [{ event: { ...denied, about: [1, 2, 3, 4, 5].flatMap(about) }, times: 8 }])
  t.ok(sums.isFirst({ ...refused, address: '2001:db8::1' }))
  t.notOk(sums.isFirst({ ...refused, address: '2001:db8::abcd:2' }))
  t.ok(sums.isFirst({ ...refused, address: '2001:db8:0:1::1' }))
})

t.test('a flood that lasts writes a few lines a minute, whatever it names', async t => {
  const sums = createRefusalSums()
  const flood = (minute: number): number =>
    Array.from({ length: 5_000 }, (_, n) =>
      sums.isFirst({ ...refused, address: `10.${minute}.${n >> 8}.${n & 255}` })
    ).filter(Boolean).length + sums.take().length
  flood(0)
  for (let minute = 1; minute < 30; minute++) t.ok(flood(minute) < 20)
})

t.test('a flood of names and addresses is one line of each kind', async t => {
  const sums = createRefusalSums()
  const told = Array.from({ length: 50_000 }, (_, n) => sums.isFirst({ ...refused, name: `u${n}` })).filter(
    Boolean
  )
  t.equal(told.length, 1_001)
  t.strictSame(sums.take(), [{ event: { what: 'log-in-refused', code: 'AUT_WRONG' }, times: 50_000 - 1_001 }])
})
