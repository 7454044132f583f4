import t from 'tap'
import { encodeForgetMessage, readForgottenUpTo } from './forget-message.ts'

t.test('a message says up to where names were removed, of each stream', t => {
  const text = encodeForgetMessage({ component: 'MTMount', index: 5, upTo: { TEL: 7, EVT: 0 } })
  t.same([...readForgottenUpTo(text)], Object.entries({ TEL: 7, EVT: 0 }))
  t.end()
})

t.test('one that does not say it has no stream', t => {
  for (const text of [
    '',
    'null',
    '7',
    '{"component":"MTMount","index":5}',
    '{"upTo":null}',
    '{"upTo":{"TEL":"7"}}'
  ])
    t.equal(readForgottenUpTo(text).size, 0, text)
  t.end()
})
