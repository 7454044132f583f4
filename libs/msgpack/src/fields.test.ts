import fc from 'fast-check'
import { pack } from 'msgpackr'
import t from 'tap'
import { checkFields } from './check-fields.ts'
import { decodeFields, fieldsToJson } from './fields.ts'
import { createFieldsWriter } from './fields-writer.ts'

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const anything = createFieldsWriter([])

t.test('fields as JSON: NaN and the infinities by name, integers beyond 2^53 as text', async t => {
  const fields = {
    a: Number.NaN,
    b: Number.POSITIVE_INFINITY,
    c: Number.NEGATIVE_INFINITY,
    d: 2n ** 60n,
    e: [1, Number.NaN],
    f: 2 ** 53 - 1
  }
  const json =
    '{"a":"NaN","b":"Infinity","c":"-Infinity","d":"1152921504606846976","e":[1,"NaN"],"f":9007199254740991}'
  t.equal(fieldsToJson(fields), json)
  t.equal(fieldsToJson(anything(fields)), json)
  t.equal(fieldsToJson(anything({ raw: Uint8Array.of(1, 2, 255) })), '{"raw":"AQL/"}')
})

t.test('an integer beyond 2^53 is a bigint and one below is a number', async t => {
  t.same(decodeFields(anything({ a: 2n ** 63n, b: -(2n ** 63n), c: 2n ** 53n - 1n, d: 5 })), {
    a: 2n ** 63n,
    b: -(2n ** 63n),
    c: 2 ** 53 - 1,
    d: 5
  })
})

t.test('what is not one plain map is refused with WIR_BAD_SAMPLE', async t => {
  const wrong = {
    nothing: '',
    'a number': '05',
    'an array': '9101',
    'two maps': '8080',
    'a cut map': '81a161',
    'a cut double': '81a161cb0000',
    'a key that is a number': '810102',
    'a reserved byte': '81a161c1',
    'an extension': '81a161d40000',
    'a timestamp': '81a161d6ff00000000',
    'a map that promises four billion': 'dfffffffff',
    'an array that promises four billion': '81a161ddffffffff',
    'a text that promises four billion': '81a161dbffffffff61',
    'a cut length': '81a161dc00',
    'nested too deep': `81a161${'91'.repeat(40)}01`
  }
  for (const [what, hex] of Object.entries(wrong)) {
    t.throws(() => decodeFields(bytesOf(hex)), { code: 'WIR_BAD_SAMPLE' }, what)
    t.throws(() => checkFields(bytesOf(hex)), { code: 'WIR_BAD_SAMPLE' }, what)
  }
})

t.test('garbage never does anything but decode or fail with the code', async () => {
  const harmless = (bytes: Uint8Array): boolean => {
    try {
      const fields = decodeFields(bytes)
      JSON.parse(fieldsToJson(fields))
      return Object.getPrototypeOf(fields) === Object.prototype
    } catch (err) {
      return (err as { code?: string }).code === 'WIR_BAD_SAMPLE'
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), harmless), { numRuns: 5000 })
  const mapHead = fc.uint8Array({ maxLength: 60 }).map(rest => Uint8Array.from([0x82, 0xa1, 0x61, ...rest]))
  fc.assert(fc.property(mapHead, harmless), { numRuns: 5000 })
})

t.test('the check accepts whatever msgpackr packs without extensions, at any offset', async t => {
  const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 40 })
  fc.assert(
    fc.property(value, value => {
      const packed = pack({ ...value })
      const framed = Buffer.concat([Buffer.from('xx'), packed, Buffer.from('yy')])
      checkFields(packed)
      checkFields(framed, 2, 2 + packed.length)
      t.throws(() => checkFields(packed, 0, packed.length - 1), { code: 'WIR_BAD_SAMPLE' })
    }),
    { numRuns: 300 }
  )
})

t.test('a field called __proto__ does not reach the prototype', async t => {
  const fields = decodeFields(bytesOf('81a95f5f70726f746f5f5f81a178 01'))
  t.equal(Object.getPrototypeOf(fields), Object.prototype)
})
