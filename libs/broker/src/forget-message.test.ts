import t from 'tap'
import { encodeForgetMessage, readForgetMessage } from './forget-message.ts'

const subject = 'forget.summit.MTMount.5'
const message = { component: 'MTMount', index: 5, upTo: { TEL: 7, EVT: 0 } }

t.test('a message says up to where names were removed, of each stream', t => {
  t.same(readForgetMessage({ subject, text: encodeForgetMessage(message) }), message)
  t.end()
})

t.test('what is no such message, or tells of another component, forgets nothing', t => {
  const code = { code: 'BRK_BAD_FORGET' }
  const refused = [
    '',
    'null',
    '7',
    '{"type":"io.nats.jetstream.api.v1.stream_msg_get_response","error":{"code":404}}',
    '{"component":"MTMount","index":5}',
    '{"component":"MTMount","index":5,"upTo":null}',
    '{"component":"MTMount","index":5,"upTo":{}}',
    '{"component":"MTMount","index":5,"upTo":{"TEL":"7"}}',
    '{"component":"MTMount","index":5,"upTo":{"TEL":7,"EVT":-1}}',
    JSON.stringify({ ...message, index: 6 }),
    JSON.stringify({ ...message, component: 'MTDome' })
  ]
  for (const text of refused) t.throws(() => readForgetMessage({ subject, text }), code, text)
  t.throws(() => readForgetMessage({ subject: 'hb.summit.MTMount.5', text: JSON.stringify(message) }), code)
  t.end()
})
