import { readFileSync } from 'node:fs'
import { encodeMsgpack } from '@meridian/msgpack'
import { type ClientFrame, parseClientFrame } from '@meridian/protocol/live'
import fc from 'fast-check'
import t from 'tap'
import { jsonCodec, msgpackCodec } from './codec.ts'

const bufferOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer

/** Any value within the depth that frames may have, whose reals are those of `real`. */
const valuesWith = (real: fc.Arbitrary<number>) =>
  fc.letrec(tie => ({
    any: fc.oneof(
      { depthSize: 'small', maxDepth: 20 },
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.maxSafeInteger(),
      real,
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.array(tie('any'), { maxLength: 40 }),
      fc.dictionary(
        fc.string({ maxLength: 40 }).filter(key => key !== '__proto__'),
        tie('any'),
        { maxKeys: 40, noNullPrototype: true }
      )
    )
  })).any

const value = valuesWith(fc.double())
/** What a command may carry: NaN and the infinities are refused. */
const parameter = valuesWith(fc.double({ noNaN: true, noDefaultInfinity: true }))

interface Golden {
  readonly client: readonly {
    readonly name: string
    readonly frame: ClientFrame
    readonly msgpack: string
    readonly json: string
  }[]
}

t.test('what the client sends is the golden bytes and text', async t => {
  const file = new URL('../../../proto/conformance/frames.json', import.meta.url)
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
  for (const { name, frame, msgpack, json } of golden.client) {
    t.equal(Buffer.from(msgpackCodec.encode(frame)).toString('hex'), msgpack, name)
    t.equal(jsonCodec.encode(frame), json, name)
  }
})

t.test('what the client writes, the gateway reads as the same', async t => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'bb', 'azimuth'), parameter, { noNullPrototype: true }),
      params => {
        const frame: ClientFrame = {
          op: 'command',
          id: '01k9a7zz0v3q8m1x5c2d4e6f7g',
          csc: 'A',
          index: 1,
          command: 'c',
          params
        }
        const read = parseClientFrame(encodeMsgpack(frame)) as typeof frame
        for (const key of Object.keys(params)) if (!same(read.params[key], params[key])) return false
        return true
      }
    )
  )
  t.same(parseClientFrame(String(jsonCodec.encode({ op: 'ping', id: 3 }))), { op: 'ping', id: 3 })
})

/** Equal, with NaN equal to itself and -0 to 0 only where written so. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b)
  const keys = Object.keys(b)
  return (
    keys.length === Object.keys(a).length &&
    keys.every(key => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  )
}

t.test('long lists, texts and maps, negative and 64-bit numbers arrive', async t => {
  const params = {
    list: Array.from({ length: 70_000 }, (_, i) => i % 100),
    text: 'é'.repeat(40_000),
    map: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, -i])),
    big: 2n ** 63n,
    low: -(2n ** 60n),
    safe: -(2 ** 40)
  }
  const [record] = msgpackCodec.decode(bufferOf(encodeMsgpack([{ op: 'x', params }])))
  t.same(record, { op: 'x', params })
})

t.test('what the gateway writes, the client reads as the same', async () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), values => {
      const fields = Object.fromEntries(values.map((item, i) => [`f${i}`, item]))
      const [record] = msgpackCodec.decode(bufferOf(encodeMsgpack([[1, 2, 3.5, fields]])))
      return same(record, [1, 2, 3.5, fields])
    })
  )
})

t.test('bytes that are no frame throw, whatever they are', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        return Array.isArray(msgpackCodec.decode(bufferOf(bytes)))
      } catch (error) {
        return error instanceof Error
      }
    }),
    { numRuns: 5000 }
  )
})

t.test('records of a wrong shape throw: the frame is not half believed', async t => {
  for (const text of [
    '{}',
    '[1]',
    '[null]',
    '[[1,2,3]]',
    '[["a",1,2,{}]]',
    '[[1,2,3,null]]',
    '[{"no":1}]',
    '[{"op":1}]'
  ])
    t.throws(() => jsonCodec.decode(text), text)
  t.throws(() => jsonCodec.decode(new ArrayBuffer(1)))
  t.throws(() => msgpackCodec.decode('[]'))
})
