import fc from 'fast-check'
import t from 'tap'
import { type FieldSpec, type SalType, salTypes } from './field-spec.ts'
import { decodeFields } from './fields.ts'
import { createFieldsWriter } from './fields-writer.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const field = (
  name: string,
  type: SalType,
  more: { count?: number; nullable?: boolean } = {}
): FieldSpec => ({ name, type, count: 1, ...more })

/** Writes one field `a` of a type and gives its bytes after the key, or 'dropped'. */
function written(type: SalType, value: unknown, more: { count?: number; nullable?: boolean } = {}): string {
  const dropped: string[] = []
  const bytes = createFieldsWriter([field('a', type, more)], { dropped: name => dropped.push(name) })({
    a: value
  })
  if (dropped.length > 0) return hex(bytes) === '80' && dropped[0] === 'a' ? 'dropped' : 'wrong'
  return hex(bytes).replace(/^81a161/, '')
}

t.test('a float takes five bytes and a double nine, whatever the value', async t => {
  t.equal(written('float', 1), 'ca3f800000')
  t.equal(written('double', 1), 'cb3ff0000000000000')
  t.equal(written('float', [1, 0.5], { count: 2 }), '92ca3f800000ca3f000000')
  t.equal(written('double', [1, 2], { count: 2 }), '92cb3ff0000000000000cb4000000000000000')
})

t.test('an integer takes its smallest form', async t => {
  const forms: [SalType, unknown, string][] = [
    ['int', 0, '00'],
    ['int', 127, '7f'],
    ['int', 128, 'cc80'],
    ['int', 255, 'ccff'],
    ['int', 256, 'cd0100'],
    ['int', 65535, 'cdffff'],
    ['int', 65536, 'ce00010000'],
    ['unsigned int', 4294967295, 'ceffffffff'],
    ['long long', 4294967296, 'cf0000000100000000'],
    ['int', -1, 'ff'],
    ['int', -32, 'e0'],
    ['int', -33, 'd0df'],
    ['int', -128, 'd080'],
    ['int', -129, 'd1ff7f'],
    ['int', -32768, 'd18000'],
    ['int', -32769, 'd2ffff7fff'],
    ['int', -2147483648, 'd280000000'],
    ['long long', -2147483649, 'd3ffffffff7fffffff'],
    ['int64', 2n ** 62n, 'cf4000000000000000'],
    ['int64', '-9223372036854775808', 'd38000000000000000'],
    ['long long', 7n, '07']
  ]
  for (const [type, value, bytes] of forms) t.equal(written(type, value), bytes, `${type} ${value}`)
})

t.test('a value that contradicts its type is left out and told by name', async t => {
  const wrong: [SalType, unknown][] = [
    ['boolean', 1],
    ['boolean', 'true'],
    ['byte', 256],
    ['short', 40_000],
    ['unsigned short', -1],
    ['int', 1.5],
    ['int', 2 ** 31],
    ['long', 5e9],
    ['int', '5'],
    ['int', Number.NaN],
    ['float', 1e300],
    ['float', -3.4028235677973366e38],
    ['long long', 1.5],
    ['long long', 'many'],
    ['long long', 2n ** 63n],
    ['unsigned int', -1],
    ['float', 'warm'],
    ['double', true],
    ['double', null],
    ['double', {}],
    ['string', 5],
    ['string', null],
    ['double', [1]]
  ]
  for (const [type, value] of wrong) t.equal(written(type, value), 'dropped', `${type} ${String(value)}`)
})

t.test('an array of another length, or with one wrong element, is left out whole', async t => {
  t.equal(written('double', [1, 2, 3], { count: 2 }), 'dropped')
  t.equal(written('double', 1, { count: 2 }), 'dropped')
  t.equal(written('double', [1, null], { count: 2 }), 'dropped')
  t.equal(written('float', [1, 'x'], { count: 2 }), 'dropped')
  t.equal(written('int', [1, 1.5], { count: 2 }), 'dropped')
  t.equal(written('boolean', [true, false], { count: 2 }), '92c3c2')
  t.equal(written('double', Float64Array.of(1, 2), { count: 2 }), '92cb3ff0000000000000cb4000000000000000')
})

t.test('JSON names NaN and the infinities for floats and doubles', async t => {
  t.equal(written('double', 'NaN'), 'cb7ff8000000000000')
  t.equal(written('double', 'Infinity'), 'cb7ff0000000000000')
  t.equal(written('float', '-Infinity'), 'caff800000')
  t.equal(written('float', ['NaN', 1], { count: 2 }), '92ca7fc00000ca3f800000')
  t.equal(written('double', 'toString'), 'dropped')
})

t.test('null is a value of nullable fields only', async t => {
  t.equal(written('double', null, { nullable: true }), 'c0')
  t.equal(written('string', null, { nullable: true }), 'c0')
  t.equal(written('double', 'x', { nullable: true }), 'dropped')
})

t.test('a dropped field leaves no trace between its neighbours', async t => {
  const dropped: string[] = []
  const write = createFieldsWriter(
    [field('first', 'int'), field('wrong', 'double', { count: 3 }), field('last', 'string')],
    {
      dropped: name => dropped.push(name)
    }
  )
  t.same(decodeFields(write({ first: 1, wrong: [1, 2, 'x'], last: 'z' })), { first: 1, last: 'z' })
  t.same(dropped, ['wrong'])
})

t.test('unknown fields follow the known ones, typed by value', async t => {
  const write = createFieldsWriter([field('a', 'float')], { ignored: ['private_seqNum', 'salIndex'] })
  const extra = {
    private_seqNum: 4,
    more: 1.5,
    count: 3,
    name: 'x',
    on: true,
    none: null,
    list: [1, [2, null]],
    map: { k: 'v' },
    big: 2n ** 60n,
    a: 2,
    salIndex: 9
  }
  const { private_seqNum: _, salIndex: __, ...expected } = extra
  t.same(decodeFields(write(extra)), expected)
  t.match(hex(write(extra)), /a46d6f7265cb3ff8/, 'more is a double')
})

t.test('an unknown field that MessagePack cannot say is left out and told', async t => {
  const dropped: string[] = []
  const cycle: unknown[] = []
  cycle.push(cycle)
  const write = createFieldsWriter([], { dropped: name => dropped.push(name) })
  t.same(decodeFields(write({ ok: 1, fn: () => 1, cycle, huge: 2n ** 70n, gone: undefined })), { ok: 1 })
  t.same(dropped.sort(), ['cycle', 'fn', 'huge'])
})

t.test('fields named like members of every object are read from the message alone', async t => {
  const dropped: string[] = []
  const write = createFieldsWriter([field('constructor', 'double'), field('toString', 'string')], {
    dropped: name => dropped.push(name)
  })
  t.same(Object.entries(decodeFields(write({}))), [])
  t.same(dropped, [])
  t.same(Object.entries(decodeFields(write({ constructor: 1 }))), [['constructor', 1]])
})

t.test('a name from the catalogue is data and never code', async t => {
  const names = [
    'a"]; throw 1; //',
    ['`$', '{process.exit(9)}`'].join(''),
    '\u2028x',
    "'",
    '\\',
    'ключ',
    'x'.repeat(300),
    'x'.repeat(40)
  ]
  const write = createFieldsWriter(names.map(name => field(name, 'int')))
  const values = Object.fromEntries(names.map((name, i) => [name, i]))
  t.same(decodeFields(write(values)), values)
})

t.test('bytes that were handed out are not touched by later writing', async t => {
  const write = createFieldsWriter([field('a', 'double', { count: 100 })])
  const first = write({ a: new Array(100).fill(1) })
  const before = hex(first)
  write({ a: new Array(100).fill(2) })
  t.equal(hex(first), before)
})

t.test('a map grows past fifteen fields, and past the buffer', async t => {
  const write = createFieldsWriter([field('a', 'string'), field('b', 'double', { count: 2000 })])
  const extras = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`extra${i}`, 'é'.repeat(3000)]))
  const values = { a: 'ü'.repeat(100_000), b: new Array(2000).fill(0.5), ...extras }
  t.same(decodeFields(write(values)), values)
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}`, i]))
  t.same(decodeFields(createFieldsWriter(Object.keys(many).map(name => field(name, 'int')))(many)), many)
})

const types = Object.keys(salTypes) as SalType[]
const valuesOf: Record<SalType, fc.Arbitrary<unknown>> = {
  boolean: fc.boolean(),
  byte: fc.integer({ min: -128, max: 255 }),
  short: fc.integer({ min: -32768, max: 32767 }),
  int: fc.integer(),
  long: fc.integer(),
  'long long': fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })),
  'unsigned short': fc.nat(65535),
  'unsigned int': fc.nat(2 ** 32 - 1),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: 'grapheme', maxLength: 300 }),
  int64: fc.maxSafeInteger()
}

t.test('whatever a topic of random fields is given comes back, and extras with it', async t => {
  const spec = fc.record({
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 45 }),
    type: fc.constantFrom(...types),
    count: fc.constantFrom(1, 1, 2, 17)
  })
  const topic = fc
    .uniqueArray(spec, { selector: f => f.name, maxLength: 40 })
    .filter(fs => fs.every(f => f.name !== '__proto__'))
  const message = topic.chain(fs =>
    fc.record({
      fs: fc.constant(fs),
      values: fc.record(
        Object.fromEntries(
          fs.map(f => [
            f.name,
            f.count === 1
              ? valuesOf[f.type]
              : fc.array(valuesOf[f.type], { minLength: f.count, maxLength: f.count })
          ])
        ),
        { requiredKeys: [] }
      ),
      extra: fc.double()
    })
  )
  fc.assert(
    fc.property(message, ({ fs, values, extra }) => {
      const dropped: string[] = []
      const given = { ...values, ' extra ': extra }
      const back = decodeFields(createFieldsWriter(fs, { dropped: name => dropped.push(name) })(given))
      t.same(dropped, [])
      t.strictSame(normal(back), normal(given))
    }),
    { numRuns: 400 }
  )
})

/** NaN, -0 and the order of names do not count here. */
const normal = (fields: object): unknown =>
  Object.entries(fields)
    .map(([name, value]) => [
      name,
      JSON.stringify(value, (_, v) =>
        typeof v === 'number' || typeof v === 'bigint' ? String(Number(v) + 0) : v
      )
    ])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))

t.test(
  'a float that would become infinite is left out, alone and in an array; the infinities are floats',
  async t => {
    const write = createFieldsWriter([field('a', 'float', { count: 2 }), field('b', 'float')])
    t.same(decodeFields(write({ a: [1, 1e39], b: 1 })), { b: 1 })
    t.same(decodeFields(write({ a: [1, -Infinity], b: 3.4028234663852886e38 })), {
      a: [1, -Infinity],
      b: 3.4028234663852886e38
    })
    t.same(decodeFields(write({ a: [1, -3.4028235e38], b: 0 })), { a: [1, -3.4028234663852886e38], b: 0 })
  }
)
