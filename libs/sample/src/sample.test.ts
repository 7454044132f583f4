import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { decodeSample, emptyEnvelope, encodeSample, readEnvelope, type Sample, sampleId } from './index.ts'

const proto = fileURLToPath(new URL('../../../proto/meridian/v1/sample.proto', import.meta.url))
const Reflected = protobuf.loadSync(proto).lookupType('meridian.v1.Sample')

const double = fc.double({ noNaN: true }).map(value => value + 0)
const samples: fc.Arbitrary<Sample> = fc.record({
  sndStamp: double,
  rcvStamp: double,
  seqNum: fc.integer(),
  origin: fc.integer(),
  identity: fc.string({ unit: 'grapheme', maxLength: 40 }),
  revCode: fc.string({ maxLength: 8 }),
  fields: fc.uint8Array({ maxLength: 300 }),
  uncatalogued: fc.boolean()
})

/** proto3 leaves default values out; reflection writes what it is given, so give it no defaults. */
function reflectedBytesOf(s: Sample): Uint8Array {
  const entries = Object.entries(s).filter(
    ([, value]) =>
      value !== 0 && value !== '' && value !== false && !(value instanceof Uint8Array && value.length === 0)
  )
  return Reflected.encode(Reflected.create(Object.fromEntries(entries))).finish()
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const plain = (s: Sample): object => ({ ...s, fields: hex(s.fields) })

t.test('encodes the same bytes as protobufjs makes of the proto file', async () => {
  fc.assert(
    fc.property(samples, s => hex(encodeSample(s)) === hex(reflectedBytesOf(s))),
    { numRuns: 2000 }
  )
})

t.test('decodes what protobufjs wrote and what it wrote itself', async t => {
  fc.assert(
    fc.property(samples, s => {
      t.same(plain(decodeSample(reflectedBytesOf(s))), plain(s))
      t.same(plain(decodeSample(encodeSample(s))), plain(s))
    }),
    { numRuns: 300 }
  )
})

t.test('the envelope says where the fields stand', async () => {
  const into = emptyEnvelope()
  fc.assert(
    fc.property(samples, s => {
      const bytes = encodeSample(s)
      const envelope = readEnvelope(bytes, into)
      return (
        envelope === into &&
        envelope.sndStamp === s.sndStamp &&
        envelope.rcvStamp === s.rcvStamp &&
        envelope.uncatalogued === s.uncatalogued &&
        hex(bytes.subarray(envelope.fieldsStart, envelope.fieldsEnd)) === hex(s.fields)
      )
    })
  )
})

t.test('garbage is refused with WIR_BAD_SAMPLE or read as a sample, and nothing else happens', async () => {
  const harmless = (bytes: Uint8Array): boolean => {
    for (const read of [decodeSample, (b: Uint8Array) => readEnvelope(b)])
      try {
        read(bytes)
      } catch (err) {
        if ((err as { code?: string }).code !== 'WIR_BAD_SAMPLE') return false
      }
    return true
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), harmless), { numRuns: 5000 })
  fc.assert(
    fc.property(samples, fc.nat(400), fc.nat(255), (s, at, byte) => {
      const bytes = Uint8Array.from(encodeSample(s))
      if (bytes.length > 0) bytes[at % bytes.length] = byte
      return harmless(bytes) && harmless(bytes.subarray(0, at % (bytes.length + 1)))
    }),
    { numRuns: 5000 }
  )
})

t.test('a sample cut anywhere inside is never taken for a whole one with other fields', async t => {
  const whole = encodeSample({
    sndStamp: 1.5,
    rcvStamp: 2.5,
    seqNum: 300,
    origin: -1,
    identity: 'MTMount',
    revCode: 'ab',
    fields: Uint8Array.of(0x81, 0xa1, 0x61, 1),
    uncatalogued: true
  })
  const cutInsideFields = whole.subarray(0, whole.length - 3)
  t.throws(() => decodeSample(cutInsideFields), { code: 'WIR_BAD_SAMPLE' })
  t.throws(() => readEnvelope(cutInsideFields), { code: 'WIR_BAD_SAMPLE' })
})

t.test('fields of a later version of the proto file are passed over', async t => {
  const s: Sample = {
    sndStamp: 7,
    rcvStamp: 0,
    seqNum: 1,
    origin: 0,
    identity: '',
    revCode: '',
    fields: Uint8Array.of(0x80),
    uncatalogued: false
  }
  const later = Buffer.concat([
    Buffer.from('f80101fa0103616263fd0100000000f9010000000000000000', 'hex'),
    encodeSample(s)
  ])
  t.same(plain(decodeSample(later)), plain(s))
  t.equal(readEnvelope(later).sndStamp, 7)
})

t.test('the id comes from the source and tells a restarted component from its former self', async t => {
  const first = { csc: 'MTM1M3', index: 0, topic: 'imsData', origin: 42, seqNum: 1, sndStamp: 1795292928.25 }
  t.equal(sampleId(first), 'MTM1M3:0:imsData:42:1:1795292928.25')
  t.equal(sampleId({ ...first }), sampleId(first))
  t.not(sampleId({ ...first, sndStamp: 1795292929.25 }), sampleId(first))
})
