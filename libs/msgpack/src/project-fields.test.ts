import fc from 'fast-check'
import t from 'tap'
import { checkFields } from './check-fields.ts'
import { encodeMsgpack } from './encode-msgpack.ts'
import { decodeFields } from './fields.ts'
import { createProjection, projectFields } from './project-fields.ts'

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const project = (bytes: Uint8Array, ...names: string[]): Uint8Array =>
  projectFields(bytes, 0, bytes.length, createProjection(names))

t.test('only the wanted fields are left, in their order, whatever stands around them', async () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(text => text !== '__proto__')
  const fields = fc.dictionary(name, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 40, noNullPrototype: true })
  fc.assert(
    fc.property(
      fields,
      fc.infiniteStream(fc.boolean()),
      fc.array(name, { maxLength: 5 }),
      (all, coins, others) => {
        const kept = Object.keys(all).filter(() => coins.next().value)
        const wanted = createProjection([...others.filter(other => !(other in all)), ...kept].reverse())
        const expected = encodeMsgpack(Object.fromEntries(kept.map(key => [key, all[key]])))
        const framed = Buffer.concat([Buffer.from('ab'), encodeMsgpack(all), Buffer.from('cd')])
        const projected = projectFields(framed, 2, framed.length - 2, wanted)
        checkFields(projected)
        return hexOf(projected) === hexOf(expected)
      }
    ),
    { numRuns: 500 }
  )
})

t.test('bytes of a value are not touched: a number keeps the width that it came in', async t => {
  const wide = bytesOf('82 a161 cf0000000000000001 a162 cb3ff0000000000000')
  t.equal(hexOf(project(wide, 'a')), '81a161cf0000000000000001')
})

t.test('a key is found in whichever form its length was written', async t => {
  for (const key of ['a3616263', 'd903616263', 'da0003616263', 'db00000003616263'])
    t.same(decodeFields(project(bytesOf(`82 ${key} 07 a161 08`), 'abc')), { abc: 7 }, key)
})

t.test(
  'maps with each form of their head are read; one with more than fifteen fields is written',
  async t => {
    t.same(decodeFields(project(bytesOf('de0001 a161 07'), 'a')), { a: 7 })
    t.same(decodeFields(project(bytesOf('df00000001 a161 07'), 'a')), { a: 7 })
    const names = Array.from({ length: 300 }, (_, i) => `field${i}`)
    const all = Object.fromEntries(names.map((key, i) => [key, i]))
    t.same(decodeFields(project(encodeMsgpack(all), ...names)), all)
    t.equal(hexOf(project(encodeMsgpack(all), 'other')), '80')
  }
)

t.test('a projection names each field once', async t => {
  t.same(createProjection(['a', 'b', 'a']).names, ['a', 'b'])
})

t.test('a name among thousands of its length is found by few looks', async t => {
  const suffix = (i: number): string => `${i.toString(36).padStart(4, '0')}lPosition`
  const names = Array.from({ length: 15_000 }, (_, i) => suffix(i))
  const real = Object.fromEntries(
    [...names.slice(0, 10), ...names.map((_, i) => suffix(i + 20_000)).slice(0, 10)].map((name, i) => [
      name,
      i
    ])
  )
  let reads = 0
  const counted = (bytes: Uint8Array): Uint8Array =>
    new Proxy(bytes, {
      get(target, key) {
        if (typeof key === 'string' && /^[0-9]+$/.test(key)) reads++
        return Reflect.get(target, key, target)
      }
    })
  const { keys, names: distinct } = createProjection(names)
  const projection = {
    names: distinct,
    keys: new Map([...keys].map(([length, sorted]) => [length, counted(sorted)]))
  }
  const bytes = encodeMsgpack(real)
  t.same(Object.keys(decodeFields(projectFields(bytes, 0, bytes.length, projection))), names.slice(0, 10))
  // 14 looks for each of 20 fields, of 13 bytes at most.
  t.ok(reads <= 20 * 14 * 13, `${reads} bytes looked at`)
})
