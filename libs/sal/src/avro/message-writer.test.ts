import { loadCatalogue } from '@meridian/catalogue'
import { decodeFields } from '@meridian/msgpack'
import t from 'tap'
import { createMessageReader, parseAvroSchema, schemaTextOf } from '../index.ts'
import { createMessageWriter } from '../writing.ts'

const component = loadCatalogue().component('MTMount')
const topic = component?.telemetry.get('azimuth')
if (component === undefined || topic === undefined) throw new Error('no such topic')
const text = schemaTextOf(topic, component)
const write = createMessageWriter(text)

t.test('what is not given has its default', async t => {
  const read = createMessageReader(parseAvroSchema(text), { specs: topic.fields })
  const message = read(write({ private_seqNum: 7, actualPosition: 1.5 }), 0)
  t.match(message, { seqNum: 7, sndStamp: 0, identity: '' })
  t.match(decodeFields(message.fields), { actualPosition: 1.5, demandPosition: 0 })
})

t.test('a value of another type is refused by the name of its field', async t => {
  t.throws(() => write({ actualPosition: 'north' }), {
    code: 'SAL_BAD_MESSAGE',
    message: /actualPosition cannot be north/
  })
  const plain = JSON.stringify({ type: 'record', name: 'open', fields: [{ name: 'width', type: 'double' }] })
  t.throws(() => createMessageWriter(plain)({}), { code: 'SAL_BAD_MESSAGE', message: /width has no value/ })
  t.throws(() => createMessageWriter('"int"'), { code: 'SAL_BAD_SCHEMA' })
})
