import t from 'tap'
import { appendField } from './append-field.ts'
import { checkFields } from './check-fields.ts'
import { encodeMsgpack } from './encode-msgpack.ts'
import { decodeFields } from './fields.ts'

t.test('a field is added behind the others, for maps with each form of their head', async t => {
  for (const size of [0, 1, 14, 15, 16, 65_534, 65_535, 65_536]) {
    const all = Object.fromEntries(Array.from({ length: size }, (_, i) => [`f${i}`, i]))
    const longer = appendField(encodeMsgpack(all), 'last', { a: [1.5] })
    checkFields(longer)
    t.ok(Buffer.from(longer).equals(encodeMsgpack({ ...all, last: { a: [1.5] } })), `${size} fields`)
  }
})

t.test('bytes of the other fields are not touched', async t => {
  const wide = Buffer.from('de0001a161cf0000000000000001', 'hex')
  const longer = appendField(wide, 'b', 2)
  t.equal(Buffer.from(longer).toString('hex'), '82a161cf0000000000000001a16202')
  t.same(decodeFields(longer), { a: 1, b: 2 })
})
