import { encodeMsgpack } from '@meridian/msgpack'
import t from 'tap'
import { parseServerMessage } from './parse-server-message.ts'

const records = [
  { op: 'topics', topics: [[1, 'evt.summit.MTMount.0.summaryState']] },
  [1, 17, 1795000000.5, { summaryState: 2 }]
]

t.test('a message is read from text, bytes and an ArrayBuffer', async t => {
  t.same(parseServerMessage(JSON.stringify(records)), records)
  t.same(parseServerMessage(encodeMsgpack(records)), records)
  t.same(parseServerMessage(encodeMsgpack(records).buffer as ArrayBuffer), records)
})

t.test('what is no list of records is refused', async t => {
  for (const value of [
    {},
    7,
    [7],
    [[1, 2, 3]],
    [['1', 2, 3, {}]],
    [{ no: 'op' }],
    [null],
    [{ op: 'live' }],
    [{ op: 'topics', topics: [[1]] }]
  ]) {
    t.throws(() => parseServerMessage(JSON.stringify(value)), { code: 'GTW_BAD_FRAME' })
    t.throws(() => parseServerMessage(encodeMsgpack(value)), { code: 'GTW_BAD_FRAME' })
  }
  t.throws(() => parseServerMessage('[{'), { code: 'GTW_BAD_FRAME' })
})

t.test('an operation that is not known here is left for the caller to ignore', async t => {
  const later = [{ op: 'constructor' }, { op: 'sing', loudly: true }]
  t.same(parseServerMessage(JSON.stringify(later)), later)
})
