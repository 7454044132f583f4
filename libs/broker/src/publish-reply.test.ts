import t from 'tap'
import { readPublishReply } from './publish-reply.ts'

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
