import { createFieldsWriter } from '@meridian/msgpack'
import t from 'tap'
import { encodeSample } from './index.ts'
import { messageToJson } from './message-json.ts'

const fields = createFieldsWriter([])({ celsius: 21.5, wind: Number.NaN })
const sample = encodeSample({
  sndStamp: 1.5,
  rcvStamp: 2,
  seqNum: 3,
  origin: 4,
  identity: 'X',
  revCode: '',
  fields,
  uncatalogued: true
})

t.test('a sample is printed with its envelope and its fields', async t => {
  const line = messageToJson('tel.summit.X.0.climate', sample)
  t.equal(
    line,
    '{"subject":"tel.summit.X.0.climate","sndStamp":1.5,"rcvStamp":2,"seqNum":3,"origin":4,"identity":"X","revCode":"","uncatalogued":true,"fields":{"celsius":21.5,"wind":"NaN"}}'
  )
  t.same(JSON.parse(messageToJson('', sample)).seqNum, 3, 'also where the tool does not say the subject')
})

t.test('records, raw payloads, text and bytes are printed as what they are', async t => {
  const shown = (subject: string, data: Uint8Array | string): unknown =>
    JSON.parse(messageToJson(subject, Buffer.from(data)))
  t.same(shown('ack.summit.X.0.id', '{"state": "complete"}'), {
    subject: 'ack.summit.X.0.id',
    json: { state: 'complete' }
  })
  t.same(shown('cmd.summit.X.0.move', '{"params": {"id": 9007199254740993}}'), {
    subject: 'cmd.summit.X.0.move',
    json: { params: { id: '9007199254740993' } }
  })
  t.same(shown('raw.summit.X.0.tel.climate', fields), {
    subject: 'raw.summit.X.0.tel.climate',
    fields: { celsius: 21.5, wind: 'NaN' }
  })
  t.same(shown('tel.summit.X.0.climate', 'hello'), { subject: 'tel.summit.X.0.climate', text: 'hello' })
  t.same(shown('tel.summit.X.0.climate', Uint8Array.of(0, 255)), {
    subject: 'tel.summit.X.0.climate',
    bytes: 'AP8='
  })
  t.same(shown('hb.summit.X.0', ''), { subject: 'hb.summit.X.0', text: '' }, 'nothing at all is no sample')
})
