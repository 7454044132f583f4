import { isDeepStrictEqual } from 'node:util'
import { Packr, Unpackr } from 'msgpackr'
import t from 'tap'
import { decodeMsgpack } from './decode-msgpack.ts'
import { encodeMsgpack } from './encode-msgpack.ts'
import { peekMsgpack } from './peek-msgpack.ts'
import { MAX_DEPTH } from './walk.ts'

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
    for (const copy of [
      decodeMsgpack(encodeMsgpack(value)),
      unpackr.unpack(encodeMsgpack(value)),
      decodeMsgpack(packr.pack(value))
    ])
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
      t.same(decodeMsgpack(encodeMsgpack(['p'.repeat(pad), value])), ['p'.repeat(pad), value])
})

t.test('every prefix of good bytes is refused and never hangs', async t => {
  const bytes = encodeMsgpack({ op: 'subscribe', list: [1, 2.5, 'three', { four: null }] })
  for (let end = 0; end < bytes.length; end++)
    t.throws(() => decodeMsgpack(bytes.subarray(0, end)), SyntaxError, `${end} bytes`)
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
  for (const bytes of hostile) t.throws(() => decodeMsgpack(new Uint8Array(bytes)), SyntaxError)
})

t.test('a key that reaches for the prototype becomes a plain property', async t => {
  const value = decodeMsgpack(
    new Uint8Array([0x81, 0xa9, ...Buffer.from('__proto__'), 0x81, 0xa1, 0x78, 0x01])
  ) as {
    x?: unknown
  }
  t.equal(value.x, undefined)
  t.ok(Object.hasOwn(value, '__proto__'))
})

t.test('the caller chooses the error and the depth', async t => {
  const nested = (levels: number): Uint8Array => Uint8Array.from([...new Array(levels).fill(0x91), 0xc0])
  t.ok(decodeMsgpack(nested(MAX_DEPTH)))
  t.throws(() => decodeMsgpack(nested(MAX_DEPTH + 1)), SyntaxError)
  t.ok(decodeMsgpack(nested(MAX_DEPTH + 2), { maxDepth: MAX_DEPTH + 2 }))
  const refuse = (detail: string): Error => new RangeError(`of the caller: ${detail}`)
  t.throws(() => decodeMsgpack(Uint8Array.of(0xc1), { refuse }), /of the caller: type byte 0xc1/)
})

t.test('keys that share a slot of the cache, or differ in one byte only, are told apart', async t => {
  const names = Array.from({ length: 6000 }, (_, i) => `abcd${i % 7 === 0 ? 'é' : ''}efgh${i}ij`)
  for (let round = 0; round < 3; round++) {
    const value = Object.fromEntries(names.map((name, i) => [name, i]))
    t.same(decodeMsgpack(encodeMsgpack(value)), value)
  }
})

t.test(
  'an integer takes the smallest form, unsigned from 0 up; -0 and what is beyond 32 bits are doubles',
  async t => {
    const forms: [number | bigint, string][] = [
      [0, '00'],
      [127, '7f'],
      [128, 'cc80'],
      [301, 'cd012d'],
      [65_536, 'ce00010000'],
      [2 ** 32 - 1, 'ceffffffff'],
      [2 ** 32, 'cb41f0000000000000'],
      [-0, 'cb8000000000000000'],
      [-32, 'e0'],
      [-33, 'd0df'],
      [-129, 'd1ff7f'],
      [-(2 ** 31), 'd280000000'],
      [-(2 ** 31) - 1, 'cbc1e0000000200000'],
      [301n, 'cd012d'],
      [2n ** 32n, 'cf0000000100000000'],
      [-(2n ** 31n) - 1n, 'd3ffffffff7fffffff'],
      [2n ** 64n - 1n, 'cfffffffffffffffff'],
      [-(2n ** 63n), 'd38000000000000000']
    ]
    for (const [value, hex] of forms)
      t.equal(Buffer.from(encodeMsgpack(value)).toString('hex'), hex, String(value))
  }
)

t.test('undefined is left out of maps and nil elsewhere; what MessagePack cannot say throws', async t => {
  t.same(decodeMsgpack(encodeMsgpack({ a: undefined, b: [undefined, 1] })), { b: [null, 1] })
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const value of [() => 1, Symbol('x'), 2n ** 64n, -(2n ** 63n) - 1n, cycle])
    t.throws(() => encodeMsgpack({ value }), TypeError)
})

t.test('text of every length and width of its head', async t => {
  for (const unit of ['a', 'é', '観', '😀'])
    for (const length of [
      1, 10, 15, 16, 31, 32, 63, 64, 65, 85, 86, 127, 128, 255, 256, 21_846, 65_535, 65_536
    ]) {
      const text = unit.repeat(length)
      const bytes = encodeMsgpack([text, 7])
      t.same(decodeMsgpack(bytes), [text, 7])
      t.equal(hexOf(bytes), hexOf(packr.pack([text, 7])), `${unit} ${length}`)
    }
})

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

t.test('text that is not UTF-8 is mended, or refused where the caller wants it as it is', async t => {
  for (const text of ['\xff', `${'x'.repeat(40)}\xff`])
    for (const value of [[text], { [text]: 1 }]) {
      const bytes = Uint8Array.from(Buffer.from(encodeMsgpack(value)))
      // In UTF-8 the letter takes two bytes: the second one alone is no text.
      const at = bytes.lastIndexOf(0xc3)
      bytes[at] = 0xff
      t.match(JSON.stringify(decodeMsgpack(bytes)), /\ufffd/)
      t.throws(() => decodeMsgpack(bytes, { strictText: true }), /not UTF-8/)
    }
  t.same(decodeMsgpack(encodeMsgpack(['é\ufffd', '観'.repeat(20)]), { strictText: true }), [
    'é\ufffd',
    '観'.repeat(20)
  ])
})

t.test('of bytes that are refused, what stands before the fault can still be read', async t => {
  const head = encodeMsgpack({ op: 'command', other: [1, { a: 2 }], id: 7, x: null }).subarray(0, -1)
  const deep = Uint8Array.from([...head, ...new Array(20_000).fill(0x91), 0xc0])
  t.same(peekMsgpack(deep, ['op', 'id']), { op: 'command', id: 7 })
  t.same(peekMsgpack(head.subarray(0, 12), ['op', 'id']), { op: 'command' })
  for (const bytes of [[], [0x91, 1], [0xc1], [0xdf, 255, 255, 255, 255], [0x82, 0x01, 0x02]])
    t.same(peekMsgpack(Uint8Array.from(bytes), ['op', 'id']), {})
})
