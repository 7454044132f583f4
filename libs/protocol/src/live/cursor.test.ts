import t from 'tap'
import { decodeCursor, encodeCursor, epochMark } from './cursor.ts'

t.test('a cursor survives the token, its epochs as marks', async t => {
  const cursor = {
    EVT: { epoch: 'b9a55f2e-1111-4000-8000-000000000000', seq: 123_456, ts: 1_795_000_000_123_456 },
    COMMANDS: { epoch: 'x', seq: 0, ts: 0 }
  }
  const token = encodeCursor(cursor)
  t.ok(token.length < 80, token)
  t.same(decodeCursor(token), {
    EVT: { ...cursor.EVT, epoch: epochMark(cursor.EVT.epoch) },
    COMMANDS: { ...cursor.COMMANDS, epoch: epochMark('x') }
  })
  t.same(decodeCursor(encodeCursor({})), {})
})

t.test('two epochs have two marks', async t => {
  const marks = new Set(Array.from({ length: 10_000 }, (_, i) => epochMark(`2026-11-22T01:02:03.${i}Z`)))
  t.equal(marks.size, 10_000)
})

t.test('a token that is not ours is refused', async t => {
  const tokens = [
    '',
    '2',
    '1.EVT',
    '1.EVT.a.1',
    '1.EVT.a.1.1.X',
    '1.E VT.a.1.1',
    '1.EVT.a.-1.1',
    '1.EVT.a.1.zzzzzzzzzzz',
    '1'.repeat(3000)
  ]
  for (const token of tokens)
    t.throws(() => decodeCursor(token), { code: 'GTW_BAD_CURSOR' }, token.slice(0, 40))
})
