import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FieldSpec } from '@meridian/msgpack'
import { createFieldsWriter, decodeFields, fieldsToJson, jsonOf } from '@meridian/msgpack'
import { unpack } from 'msgpackr'
import protobuf from 'protobufjs'
import t from 'tap'
import { decodeSample, encodeSample, readEnvelope, type Sample } from './index.ts'

interface Golden {
  readonly cases: readonly {
    readonly name: string
    readonly specs: readonly FieldSpec[]
    readonly sample: Omit<Sample, 'fields'> & { readonly fields: Readonly<Record<string, unknown>> }
    readonly bytes: string
  }[]
  readonly refused: readonly { readonly name: string; readonly bytes: string }[]
}

const at = (path: string): string => fileURLToPath(new URL(`../../../proto/${path}`, import.meta.url))
const golden = JSON.parse(readFileSync(at('conformance/samples.json'), 'utf8')) as Golden
const Reflected = protobuf.loadSync(at('meridian/v1/sample.proto')).lookupType('meridian.v1.Sample')

for (const { name, specs, sample, bytes } of golden.cases) {
  t.test(`golden sample, both ways: ${name}`, async t => {
    const written = encodeSample({ ...sample, fields: createFieldsWriter(specs)(sample.fields) })
    t.equal(Buffer.from(written).toString('hex'), bytes, 'values become the bytes')
    const { fields, ...envelope } = decodeSample(Buffer.from(bytes, 'hex'))
    t.same({ ...envelope, fields: JSON.parse(fieldsToJson(fields)) }, sample, 'bytes become the values')
  })

  t.test(`golden sample, read by protobufjs and msgpackr alone: ${name}`, async t => {
    const plain = Reflected.toObject(Reflected.decode(Buffer.from(bytes, 'hex')), {
      defaults: true
    }) as Sample
    t.same({ ...plain, fields: JSON.parse(jsonOf(unpack(plain.fields))) }, sample)
  })
}

for (const { name, bytes } of golden.refused)
  t.test(`golden refusal: ${name}`, async t => {
    const read = (): unknown => decodeFields(decodeSample(Buffer.from(bytes, 'hex')).fields)
    t.throws(read, { code: 'WIR_BAD_SAMPLE' })
  })

t.test('the envelope of each golden sample agrees with its whole', async t => {
  for (const { bytes } of golden.cases) {
    const whole = Buffer.from(bytes, 'hex')
    const { fieldsStart, fieldsEnd, sndStamp, rcvStamp, uncatalogued } = readEnvelope(whole)
    const sample = decodeSample(whole)
    t.same([sndStamp, rcvStamp, uncatalogued], [sample.sndStamp, sample.rcvStamp, sample.uncatalogued])
    t.ok(Buffer.from(sample.fields).equals(whole.subarray(fieldsStart, fieldsEnd)))
  }
})
