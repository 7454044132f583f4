import type { Component, Field, Topic } from '@meridian/catalogue'
import type { AppError } from '@meridian/errors'
import t from 'tap'
import { checkParameters, checkUncatalogued } from './parameters.ts'

const field = (name: string, type: Field['type'], more: Partial<Field> = {}): Field => ({
  name,
  type,
  count: 1,
  units: '',
  ...more
})
const enumerations = new Map([
  [
    'Grating',
    {
      name: 'Grating',
      items: [
        { name: 'MIRROR', value: 0 },
        { name: 'RED', value: 1 }
      ]
    }
  ],
  ['OpenClose', { name: 'OpenClose', items: [{ name: 'OPEN', value: 'open' }] }],
  [
    'Parts',
    {
      name: 'Parts',
      bitmask: true,
      items: [
        { name: 'A', value: 1 },
        { name: 'B', value: 4 }
      ]
    }
  ]
])
const component = { name: 'Test', enumerations } as unknown as Component
const commandOf = (...fields: Field[]): Topic => ({
  csc: 'Test',
  name: 'do',
  kind: 'command',
  revCode: '',
  keyFields: [],
  generic: false,
  fields
})

/** The value that goes to the component, or what was expected instead. */
function check(spec: Field, value: unknown): unknown {
  try {
    return checkParameters(commandOf(spec), component, { [spec.name]: value }).params[spec.name]
  } catch (err) {
    const problems = (err as AppError).facts['problems'] as { expected: string }[]
    return { expected: problems[0]?.expected }
  }
}

t.test('an integer is whole and within the range of its type', async t => {
  const ranges: [Field['type'], number, number][] = [
    ['byte', -128, 255],
    ['short', -32_768, 32_767],
    ['int', -2_147_483_648, 2_147_483_647],
    ['long', -2_147_483_648, 2_147_483_647],
    ['unsigned short', 0, 65_535],
    ['unsigned int', 0, 4_294_967_295]
  ]
  for (const [type, least, most] of ranges) {
    for (const value of [least, most, 0]) t.equal(check(field('n', type), value), value)
    for (const value of [least - 1, most + 1, 0.5, '5', true, null, [1], Number.MAX_VALUE])
      t.match(check(field('n', type), value), { expected: `${type}, ${least} to ${most}` })
  }
})

t.test('a 64-bit integer beyond 2^53 comes as it was sent and goes as text', async t => {
  const long = field('n', 'long long')
  t.equal(check(long, '9223372036854775807'), '9223372036854775807')
  t.equal(check(long, '12'), 12)
  t.equal(check(long, 9007199254740993n), '9007199254740993')
  for (const value of [2n ** 63n, 2 ** 53, 1e300]) t.match(check(long, value), { expected: /^long long/ })
  t.match(check(field('n', 'int'), 2n ** 60n), { expected: /^int/ })
  t.match(check(field('b', 'boolean'), 2n ** 60n), { expected: 'boolean' })
  for (const value of ['9223372036854775808', '1.5', 'x', 2 ** 53])
    t.match(check(long, value), { expected: /^long long/ })
})

t.test('a float is a finite number in its range', async t => {
  for (const value of [0, -1.5, 1e300]) t.equal(check(field('x', 'double'), value), value)
  t.equal(check(field('x', 'double'), 2n ** 60n), 2 ** 60)
  t.ok(Object.is(check(field('x', 'double'), -0), -0))
  for (const value of ['NaN', '-Infinity', Number.NaN, Number.POSITIVE_INFINITY, 2n ** 60n + 1n])
    t.match(check(field('x', 'double'), value), { expected: 'double' }, String(value))
  for (const value of [1e39, -3.4028235677973366e38])
    t.match(check(field('x', 'float'), value), { expected: 'float' }, String(value))
  t.equal(
    check(field('x', 'float'), 3.4028235e38),
    3.4028235e38,
    'the largest float, as it is usually written'
  )
  t.match(check(field('x', 'double', { units: 'deg' }), '3'), { expected: 'double in deg' })
})

t.test('text is text, a boolean is a boolean', async t => {
  t.equal(check(field('s', 'string'), 'x'), 'x')
  t.match(check(field('s', 'string'), 1), { expected: 'string' })
  t.equal(check(field('b', 'boolean'), false), false)
  t.match(check(field('b', 'boolean'), 0), { expected: 'boolean' })
})

t.test('an enumeration takes its values and its labels, and lists them when refused', async t => {
  const grating = field('g', 'long', { enumeration: 'Grating' })
  t.equal(check(grating, 1), 1)
  t.equal(check(grating, 'RED'), 1)
  t.match(check(grating, 'BLUE'), { expected: 'one of Grating: MIRROR=0, RED=1' })
  t.match(check(grating, 2), { expected: /one of Grating/ })
  t.equal(check(field('o', 'string', { enumeration: 'OpenClose' }), 'OPEN'), 'open')
  const parts = field('p', 'long', { enumeration: 'Parts' })
  for (const value of [0, 1, 4, 5]) t.equal(check(parts, value), value)
  t.ok(Object.is(check(parts, -0), 0), 'an integer has no -0')
  t.match(check(parts, 2), { expected: 'bits of Parts: A=1, B=4' })
})

t.test('an array has its length and the type of each element', async t => {
  const forces = field('f', 'double', { count: 3, units: 'N' })
  t.same(check(forces, [1, 2, 3.5]), [1, 2, 3.5])
  for (const value of [[1, 2], [1, 2, 3, 4], [1, 2, 'x'], [1, 2, 'NaN'], 5])
    t.match(check(forces, value), { expected: 'array of 3 double in N' })
})

t.test("what is left out gets SAL's default and is named", async t => {
  const command = commandOf(
    field('n', 'long'),
    field('s', 'string'),
    field('b', 'boolean'),
    field('a', 'double', { count: 2 })
  )
  t.same(checkParameters(command, component, { n: 5 }), {
    params: { n: 5, s: '', b: false, a: [0, 0] },
    defaults: ['s', 'b', 'a']
  })
})

t.test('every wrong parameter is named at once, strangers too', async t => {
  const command = commandOf(field('n', 'long'), field('s', 'string'))
  t.throws(() => checkParameters(command, component, { n: 'x', s: 1, z: 2 }), {
    code: 'CMD_BAD_PARAMETER',
    facts: {
      command: 'Test.do',
      problems: [{ parameter: 'n' }, { parameter: 's' }, { parameter: 'z', expected: 'one of n, s' }]
    }
  })
  t.throws(() => checkParameters(commandOf(), component, JSON.parse('{"__proto__": 1}')), {
    code: 'CMD_BAD_PARAMETER',
    facts: { problems: [{ parameter: '__proto__', expected: 'no parameters' }] }
  })
})

t.test('to a component that no catalogue knows go only numbers that a JSON number carries', async t => {
  const params = { litres: 2.5, beds: ['a', { b: 2 ** 53 - 1 }] }
  t.same(checkUncatalogued(params), { params, defaults: [] })
  t.throws(() => checkUncatalogued({ beds: [{ b: 2n ** 53n + 1n }] }), {
    code: 'CMD_BAD_PARAMETER',
    facts: { problems: [{ parameter: 'beds[0].b', got: '9007199254740993' }] }
  })
})
