import { isDeepStrictEqual } from 'node:util'
import { Packr, Unpackr } from 'msgpackr'
import t from 'tap'
import { pack, unpack } from './msgpack.ts'

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' as 'bigint' })
const packr = new Packr({ useRecords: false })

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  127,
  128,
  255,
  256,
  65535,
  65536,
  4294967295,
  4294967296,
  -1,
  -32,
  -33,
  -128,
  -129,
  -32768,
  -32769,
  -2147483648,
  -2147483649,
  1.5,
  -0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53 - 1,
  2n ** 63n,
  -(2n ** 60n),
  '',
  'azimuth',
  'x'.repeat(31),
  'x'.repeat(32),
  'x'.repeat(300),
  'x'.repeat(70_000),
  'élévation °',
  [],
  [1, [2, [3]]],
  Array.from({ length: 20 }, (_, i) => i),
  Array.from({ length: 66_000 }, () => 7),
  {},
  { a: { b: [null, 'c'] } },
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i]))
]

t.test('what one writes the other reads, and so does another implementation', async t => {
  for (const value of values)
    for (const copy of [unpack(pack(value)), unpackr.unpack(pack(value)), unpack(packr.pack(value))])
      t.ok(isDeepStrictEqual(copy, value), String(value).slice(0, 40))
})

t.test('a number that falls on the end of the space so far is written whole', async t => {
  for (let pad = 230; pad < 260; pad++)
    for (const value of [
      300,
      70_000,
      -40_000,
      2n ** 60n,
      'x'.repeat(300),
      Array.from({ length: 20 }, () => 1)
    ])
      t.same(unpack(pack(['p'.repeat(pad), value])), ['p'.repeat(pad), value])
})

t.test('every prefix of good bytes is refused with a code and never hangs', async t => {
  const bytes = pack({ op: 'subscribe', list: [1, 2.5, 'three', { four: null }] })
  for (let end = 0; end < bytes.length; end++)
    t.throws(() => unpack(bytes.subarray(0, end)), { code: 'GTW_BAD_FRAME' }, `${end} bytes`)
})

t.test('bytes that lie about lengths, nest without end or use extensions are refused', async t => {
  const hostile: ReadonlyArray<readonly number[]> = [
    [0xdd, 0xff, 0xff, 0xff, 0xff],
    [0xdf, 0xff, 0xff, 0xff, 0xff],
    [0xdb, 0xff, 0xff, 0xff, 0xff],
    Array.from({ length: 60_000 }, () => 0x91),
    [0xc1],
    [0xd4, 0x01, 0x00],
    [0xc7, 0x01, 0x01, 0x00],
    [0x81, 0x01, 0x01],
    [0x01, 0x02]
  ]
  for (const bytes of hostile) t.throws(() => unpack(new Uint8Array(bytes)), { code: 'GTW_BAD_FRAME' })
})

t.test('a key that reaches for the prototype becomes a plain property', async t => {
  const value = unpack(new Uint8Array([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x78, 0x01])) as {
    x?: unknown
  }
  t.equal(value.x, undefined)
  t.ok(Object.hasOwn(value, '__proto__'))
})
