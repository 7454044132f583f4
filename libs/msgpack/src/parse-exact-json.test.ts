import t from 'tap'
import { parseExactJson } from './parse-exact-json.ts'

const beyond = Symbol('beyond')
const parse = (text: string, words = false): unknown =>
  parseExactJson(text, { outOfRange: () => beyond, words })

t.test('what JSON.parse reads rightly it reads as JSON.parse does', async t => {
  const texts = [
    '{"a": [1, -2.5e3, 0.1234567890123456789, 1e-7], "b": {"c": "12345678901234567890"}, "d": null}',
    '{"text": "NaN and 1e400, \\"9007199254740993\\""}',
    '9007199254740991',
    '-0',
    '0.0e-400',
    '{"__proto__": 1}'
  ]
  for (const text of texts) {
    t.same(parse(text), JSON.parse(text), text)
    t.same(parse(text, true), JSON.parse(text), text)
  }
})

t.test('an integer beyond 2^53 keeps all its digits', async t => {
  t.same(parse('[9007199254740993, -9007199254740993, 123456789012345678901234567890]'), [
    9007199254740993n,
    -9007199254740993n,
    123456789012345678901234567890n
  ])
  t.same(parse('{"a": {"b": [1, 9007199254740993]}, "c": "9007199254740993"}'), {
    a: { b: [1, 9007199254740993n] },
    c: '9007199254740993'
  })
})

t.test('an integer beyond 64 bits is the double that JavaScript writes so, where one is', async t => {
  const doubles = [1e20, 2e19, -1e19, 123456789012345680000]
  t.same(parse(JSON.stringify(doubles)), doubles)
  t.same(parse('[18446744073709551615, -9223372036854775808, 100000000000000000001]'), [
    2n ** 64n - 1n,
    -(2n ** 63n),
    100000000000000000001n
  ])
  t.equal(parse('10000000000000000000'), 10n ** 19n, 'within them it is an integer')
})

t.test('a number that no double holds is for the caller to judge', async t => {
  t.same(parse('{"big": 1e400, "small": 1e-400, "most": 1.7976931348623157e308}'), {
    big: beyond,
    small: beyond,
    most: 1.7976931348623157e308
  })
})

t.test('so is one that is written without a large exponent', async t => {
  t.same(parse(`[0.${'0'.repeat(400)}1, 0.${'0'.repeat(230)}1e-99, ${'9'.repeat(400)}.0]`), [
    beyond,
    beyond,
    beyond
  ])
})

t.test('bare words are numbers where they are asked for, and errors where not', async t => {
  const text = '{"a": NaN, "b": [Infinity,-Infinity], "c": "NaN"}'
  t.same(parse(text, true), { a: Number.NaN, b: [Infinity, -Infinity], c: 'NaN' })
  t.throws(() => parse(text), SyntaxError)
})

t.test('texts cannot pass for numbers that were set aside', async t => {
  const tricky = { '#': '#9', a: '##9007199254740993', b: '\u00239007199254740993' }
  const text = JSON.stringify(tricky)
    .replace('"b":"#', '"b":"\\u0023')
    .replace('{', '{"n": 9007199254740993,')
  t.same(parse(text), { n: 9007199254740993n, ...tricky })
})

t.test('what is not JSON stays an error', async t => {
  const texts = [
    '{NaN: 1}',
    '{NaN                        : 1}',
    '{9007199254740993: 1}',
    '{"a": 09007199254740993}',
    '{"a": 1NaN}',
    '{"a": NaNs}',
    '{"a": +Infinity}',
    '{"a": 9007199254740993',
    '{"a": 9007199254740993 "b"}'
  ]
  for (const text of texts) t.throws(() => parse(text, true), SyntaxError, text)
})
