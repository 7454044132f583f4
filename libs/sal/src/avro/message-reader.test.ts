import { type Field, loadCatalogue, type Topic } from '@meridian/catalogue'
import { decodeFields, type FieldSpec } from '@meridian/msgpack'
import avsc from 'avsc'
import fc from 'fast-check'
import t from 'tap'
import { createMessageReader, type MessageReaderOptions, parseAvroSchema, schemaTextOf } from '../index.ts'
import { long } from './long.ts'

// The bytes come from avsc: another hand than ours.

const typeOf = (text: string) => avsc.Type.forSchema(JSON.parse(text), { registry: { long } })
const catalogue = loadCatalogue()

const privates = {
  salIndex: 3,
  private_sndStamp: 1795292928.625,
  private_rcvStamp: 0,
  private_efdStamp: 1795292891.625,
  private_kafkaStamp: 1795292928.625,
  private_seqNum: -2_000_000_000,
  private_revCode: 'aa47d303',
  private_identity: 'MTM1M3',
  private_origin: 2_147_483_647
}

const oneOf = (field: Field): fc.Arbitrary<unknown> => {
  switch (field.type) {
    case 'boolean':
      return fc.boolean()
    case 'float':
      return fc.float()
    case 'double':
      return fc.double()
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 100 })
    case 'int64':
    case 'long long':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'unsigned int':
      return fc.integer({ min: 0, max: 4_294_967_295 })
    case 'byte':
      return fc.integer({ min: -128, max: 255 })
    case 'short':
      return fc.integer({ min: -32_768, max: 32_767 })
    case 'unsigned short':
      return fc.integer({ min: 0, max: 65_535 })
    default:
      return fc.integer()
  }
}

function randomOf(field: Field, seed: number): unknown {
  const one = oneOf(field)
  if (field.nullable === true) return fc.sample(fc.oneof(fc.constant(null), one), { seed, numRuns: 1 })[0]
  const values = fc.sample(one, { seed, numRuns: field.count })
  return field.count === 1 ? values[0] : values
}

/** A bigint that a number holds exactly comes out as the number. */
const plain = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value

const messageOf = (topic: Topic, seed: number): Record<string, unknown> =>
  Object.fromEntries(topic.fields.map((field, i) => [field.name, randomOf(field, seed + i)]))

function readerOf(text: string, options: MessageReaderOptions) {
  const read = createMessageReader(parseAvroSchema(text), options)
  return (bytes: Uint8Array) => read(bytes, 0)
}

t.test('a message of every topic of the catalogue comes out as it was written', async t => {
  let topics = 0
  for (const name of catalogue.components) {
    const component = catalogue.component(name)
    if (component === undefined) throw new Error(name)
    for (const topic of [
      ...component.commands.values(),
      ...component.events.values(),
      ...component.telemetry.values(),
      component.ackcmd
    ]) {
      const text = schemaTextOf(topic, component)
      const fields = messageOf(topic, ++topics)
      const bytes = typeOf(text).toBuffer({ ...privates, ...fields })
      const dropped: string[] = []
      const message = readerOf(text, { specs: topic.fields, dropped: name => dropped.push(name) })(bytes)
      const wanted = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map(plain) : plain(value)
        ])
      )
      const differing = differences(decodeFields(message.fields), wanted)
      if (differing.length > 0 || dropped.length > 0)
        t.fail(`${name}.${topic.name}: ${[...differing, ...dropped]}`)
    }
  }
  t.equal(topics, 3_348)
})

/** Names of fields that differ: NaN is NaN, and -0 is not 0. */
function differences(
  got: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>
): string[] {
  const names = new Set([...Object.keys(got), ...Object.keys(wanted)])
  return [...names].filter(name => {
    const [a, b] = [got[name], wanted[name]]
    return Array.isArray(a) && Array.isArray(b)
      ? a.length !== b.length || a.some((value, i) => !Object.is(value, b[i]))
      : !Object.is(a, b)
  })
}

const schemaOf = (...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'arm', fields })
const specOf = (name: string, type: FieldSpec['type'], count = 1): FieldSpec => ({ name, type, count })

t.test('stamps, index and key fields stand beside the bytes', async t => {
  const esp = catalogue.component('ESS')
  const topic = esp?.telemetry.get('temperature')
  if (esp === undefined || topic === undefined) throw new Error('ESS')
  const text = schemaTextOf(topic, esp)
  const bytes = typeOf(text).toBuffer({ ...privates, ...messageOf(topic, 1), sensorName: 'Dôme' })
  const message = readerOf(text, { specs: topic.fields, keep: ['sensorName', 'nowhere'] })(bytes)
  t.match(message, {
    salIndex: 3,
    sndStamp: 1795292928.625,
    seqNum: -2_000_000_000,
    origin: 2_147_483_647,
    identity: 'MTM1M3',
    revCode: 'aa47d303'
  })
  t.same(message.kept, ['Dôme'])
  t.equal(decodeFields(message.fields)['sensorName'], 'Dôme')
})

t.test('a key field that is null is kept as null', async t => {
  const text = schemaOf({ name: 'key', type: ['null', 'string'] })
  const read = readerOf(text, { specs: [], keep: ['key'] })
  t.same(read(typeOf(text).toBuffer({ key: null })).kept, [null])
})

t.test('what contradicts the catalogue is left out and told, and the rest goes on', async t => {
  const text = schemaOf(
    { name: 'text', type: 'double' },
    { name: 'short', type: { type: 'array', items: 'double' } },
    { name: 'single', type: { type: 'array', items: 'int' } },
    { name: 'byte', type: 'int' },
    { name: 'null', type: ['null', 'int'] },
    { name: 'list', type: { type: 'array', items: 'string' } },
    { name: 'good', type: 'double' }
  )
  const dropped: string[] = []
  const read = readerOf(text, {
    specs: [
      specOf('text', 'string'),
      specOf('short', 'double', 4),
      specOf('single', 'int'),
      specOf('byte', 'byte'),
      specOf('null', 'int'),
      specOf('list', 'long', 2),
      specOf('good', 'double')
    ],
    dropped: name => dropped.push(name)
  })
  const value = {
    text: 1,
    short: [1, 2, 3],
    single: [1, 2],
    byte: 256,
    null: null,
    list: ['a', 'bc'],
    good: 12.5
  }
  t.same(decodeFields(read(typeOf(text).toBuffer(value)).fields), { good: 12.5 })
  t.same(dropped, ['text', 'short', 'single', 'byte', 'null', 'list'])
})

t.test('whole numbers become real ones where the catalogue has those, as Avro resolves schemas', async t => {
  const text = schemaOf(
    { name: 'one', type: 'int' },
    { name: 'many', type: { type: 'array', items: 'long' } }
  )
  const read = readerOf(text, { specs: [specOf('one', 'float'), specOf('many', 'double', 300)] })
  const many = Array.from({ length: 300 }, (_, i) => i)
  const { fields } = read(typeOf(text).toBuffer({ one: 7, many }))
  t.same(decodeFields(fields), { one: 7, many })
  t.equal(Buffer.from(fields).indexOf('many') + 4 + 3 + 300 * 9, fields.length, 'as doubles')
})

t.test('floats become doubles where the catalogue has those, however many', async t => {
  const text = schemaOf({ name: 'many', type: { type: 'array', items: 'float' } })
  for (const count of [3, 400_000]) {
    const many = Array.from({ length: count }, (_, i) => i + 0.5)
    const read = readerOf(text, { specs: [specOf('many', 'double', count)] })
    const { fields } = read(typeOf(text).toBuffer({ many }))
    t.equal(JSON.stringify(decodeFields(fields)), JSON.stringify({ many }), `${count}`)
  }
})

t.test('a schema that has a field twice, or more than any message has, is refused', async t => {
  const named = (...names: string[]) => schemaOf(...names.map(name => ({ name, type: 'int' })))
  const refuses = (text: string, message: RegExp) =>
    t.throws(() => parseAvroSchema(text), { code: 'SAL_BAD_SCHEMA', message })
  refuses(named('a', 'b', 'a'), /a is there twice/)
  const many = Array.from({ length: 10_001 }, (_, i) => `f${i}`)
  refuses(named(...many), /10001 fields/)
  t.equal(parseAvroSchema(named(...many.slice(1))).fields.length, 10_000)
})

t.test('what the catalogue does not know is typed by the schema', async t => {
  const text = schemaOf(
    { name: 'single', type: 'float' },
    { name: 'list', type: { type: 'array', items: 'boolean' } },
    { name: 'far', type: 'long' }
  )
  const value = { single: 0.1, list: [true, false], far: 2n ** 60n }
  const { fields } = readerOf(text, { specs: [] })(typeOf(text).toBuffer(value))
  t.same(decodeFields(fields), { single: Math.fround(0.1), list: [true, false], far: 2n ** 60n })
})

t.test('an array may come in blocks, with their sizes or without', async t => {
  const text = schemaOf({ name: 'list', type: { type: 'array', items: 'int' } })
  // Two values; two values in two bytes; the end.
  const blocks = Uint8Array.of(0x04, 0x02, 0x04, 0x03, 0x04, 0x06, 0x08, 0x00)
  for (const specs of [[specOf('list', 'int', 4)], []])
    t.same(decodeFields(readerOf(text, { specs })(blocks).fields), { list: [1, 2, 3, 4] })
})

t.test('of a message that is cut anywhere, or has bytes left, nothing is passed on', async t => {
  const component = catalogue.component('MTDome')
  const topic = component?.events.get('logMessage')
  if (component === undefined || topic === undefined) throw new Error('MTDome')
  const text = schemaTextOf(topic, component)
  const whole = typeOf(text).toBuffer({ ...privates, ...messageOf(topic, 5), message: 'azimuth é' })
  const read = readerOf(text, { specs: topic.fields })
  for (let size = 0; size < whole.length; size++)
    t.throws(() => read(whole.subarray(0, size)), { code: 'SAL_BAD_MESSAGE' })
  t.throws(() => read(Buffer.concat([whole, Buffer.of(0)])), {
    code: 'SAL_BAD_MESSAGE',
    message: /1 bytes follow/
  })
  t.ok(read(whole), 'and the reader goes on')
})

t.test('whatever bytes come, they are read or refused', async _t => {
  const component = catalogue.component('MTM1M3')
  const topics = [...(component?.telemetry.values() ?? []), ...(component?.events.values() ?? [])]
  const readers = topics.map(topic =>
    readerOf(schemaTextOf(topic, { indexed: false }), { specs: topic.fields })
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(readers.length - 1), (bytes, i) => {
      try {
        readers[i]?.(bytes)
      } catch (error) {
        return (error as { code?: string }).code === 'SAL_BAD_MESSAGE'
      }
      return true
    }),
    { numRuns: 3_000 }
  )
})

t.test('a text that is no UTF-8 is refused', async t => {
  const text = schemaOf({ name: 'text', type: 'string' })
  const read = readerOf(text, { specs: [] })
  t.throws(() => read(Uint8Array.of(0x04, 0xc3, 0x28)), { code: 'SAL_BAD_MESSAGE', message: /UTF-8/ })
})
