import t from 'tap'
import { readBatchReply, readPublishReply } from './publish-reply.ts'

const kindOf = (text: string): string => readPublishReply(Buffer.from(text)).kind
const errorOf = (code: number, errCode = 1): string =>
  `{"error":{"code":${code},"err_code":${errCode},"description":"why"},"stream":"TEL","seq":0}`

t.test('stored and stored before are told apart', async t => {
  t.equal(kindOf('{"stream":"TEL", "seq":17}'), 'stored')
  t.equal(kindOf('{"stream":"TEL","domain":"summit", "seq":17}'), 'stored')
  t.equal(kindOf('{"stream":"TEL", "seq":17,"duplicate": true}'), 'duplicate')
})

t.test('patience is asked for by 503, 429, an id being stored, and no responders', async t => {
  for (const text of [errorOf(503), errorOf(429), errorOf(409, 10158), errorOf(500), ''])
    t.equal(kindOf(text), 'retry')
})

t.test('what is wrong for good is refused with the reason', async t => {
  t.same(readPublishReply(Buffer.from(errorOf(400))), { kind: 'refused', reason: 'why' })
  t.equal(kindOf(errorOf(400, 10071)), 'refused')
})

t.test('an answer that cannot be read is asked for again', async t => {
  for (const text of ['+OK', '{}', '{"stream"', 'null', '{"stream":"TEL"}']) t.equal(kindOf(text), 'retry')
})

t.test('a batch is stored where the answer names it and counts to its end', async t => {
  const kindOfBatch = (text: string) => readBatchReply(Buffer.from(text), 3)?.kind
  t.equal(kindOfBatch('{"type":"ack","seq":0,"msgs":500}'), undefined)
  t.equal(kindOfBatch('{"type":"gap","last_seq":2,"seq":3}'), undefined)
  t.equal(kindOfBatch('{"stream":"TEL","seq":12,"batch":"t1","count":3}'), 'stored')
  t.equal(kindOfBatch('{"stream":"TEL","seq":0,"batch":"t1","count":3}'), 'stored')
  for (const text of [
    '{"stream":"TEL","seq":12,"batch":"t1","count":2}',
    '{"stream":"TEL", "seq":12}',
    errorOf(400, 10205),
    errorOf(429, 10211),
    '',
    'null'
  ])
    t.equal(kindOfBatch(text), 'refused', text)
})
