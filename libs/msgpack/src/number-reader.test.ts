import { Packr } from 'msgpackr'
import t from 'tap'
import { createNumberReader } from './number-reader.ts'

const packr = new Packr({ useRecords: false, useFloat32: 0 })
const read = (fields: object, name: string, element?: number): number | undefined =>
  createNumberReader(name, element)(packr.pack(fields))

/** A generator of numbers that gives the same ones each time. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

t.test('numbers of every width and sign are read as they were written', async t => {
  const numbers = [
    0,
    1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 40,
    -1,
    -32,
    -33,
    -128,
    -129
  ]
  for (const x of [...numbers, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, 1.5, -1e300, Infinity])
    t.equal(read({ before: 'text', x, after: 1 }, 'x'), x)
  t.same(read({ x: Number.NaN }, 'x'), Number.NaN)
  t.equal(read({ x: 2n ** 62n }, 'x'), 2 ** 62)
  t.equal(read({ x: -(2n ** 62n) }, 'x'), -(2 ** 62))
  const float32 = new Packr({ useRecords: false, useFloat32: 1 }).pack({ x: 0.5 })
  t.equal(createNumberReader('x')(float32), 0.5)
})

t.test('booleans are 0 and 1; text, nothing, maps and what is absent are no numbers', async t => {
  t.equal(read({ x: true }, 'x'), 1)
  t.equal(read({ x: false }, 'x'), 0)
  for (const x of ['1', null, {}, [1], new Uint8Array(3)]) t.equal(read({ x }, 'x'), undefined)
  t.equal(read({ xx: 1, ax: 2 }, 'x'), undefined, 'a name is not found inside another')
})

t.test('one element of an array is read; beyond it there is none', async t => {
  const force = Array.from({ length: 156 }, (_, i) => i / 3)
  t.equal(read({ a: force.map(String), force }, 'force', 155), 155 / 3)
  t.equal(read({ force }, 'force', 156), undefined)
  t.equal(read({ force: 3 }, 'force', 0), undefined)
})

/** Any value of at most four levels, some of them long. */
function randomValue(random: () => number, depth = 0): unknown {
  const length = Math.floor(random() * 40)
  const inner = (): unknown => randomValue(random, depth + 1)
  const kinds: ReadonlyArray<() => unknown> = [
    () => 'x'.repeat(Math.floor(random() * 70_000 * random() ** 6)),
    () => new Uint8Array(length),
    () => null,
    () => random() < 0.5,
    () => Math.round((random() - 0.5) * 2 ** 53),
    () => random() * 1e9,
    () => Array.from({ length }, inner),
    () => Object.fromEntries(Array.from({ length: length / 4 }, (_, i) => [`key${i}`, inner()]))
  ]
  return kinds[Math.floor(random() * (depth > 2 ? 6 : kinds.length))]?.()
}

t.test('whatever stands around a field, it is found', async t => {
  const random = createRandom(20_261_122)
  for (let round = 0; round < 300; round++) {
    const names = Array.from(
      { length: 1 + Math.floor(random() * 30) },
      (_, i) => `${'n'.repeat(1 + (i % 40))}${i}`
    )
    const fields = Object.fromEntries(names.map(name => [name, randomValue(random)]))
    const at = names[Math.floor(random() * names.length)] ?? ''
    const wanted = random() * 1e6
    fields[at] = wanted
    if (read(fields, at) !== wanted) t.fail(`round ${round}: ${at} not found`)
  }
})

t.test('broken bytes give nothing and never throw', async t => {
  const whole = packr.pack({ a: 'text', b: [1, 2, 3], c: { d: 1 }, x: 1.5 })
  const reader = createNumberReader('x')
  for (let length = 0; length < whole.length; length++) t.equal(reader(whole.subarray(0, length)), undefined)
  const random = createRandom(7)
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from(whole, byte => (random() < 0.1 ? Math.floor(random() * 256) : byte))
    reader(bytes)
  }
  t.pass('no exception')
})
