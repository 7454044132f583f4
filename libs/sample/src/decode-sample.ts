import { AppError } from '@meridian/errors'
import protobuf from 'protobufjs/light.js'
import type { Sample } from './sample.ts'

// As in proto/meridian/v1/sample.proto, which no process reads: a service is one bundled file. A test
// compares the two.
const type = new protobuf.Type('Sample')
  .add(new protobuf.Field('sndStamp', 1, 'double'))
  .add(new protobuf.Field('rcvStamp', 2, 'double'))
  .add(new protobuf.Field('seqNum', 3, 'int32'))
  .add(new protobuf.Field('origin', 4, 'int32'))
  .add(new protobuf.Field('identity', 5, 'string'))
  .add(new protobuf.Field('revCode', 6, 'string'))
  .add(new protobuf.Field('fields', 7, 'bytes'))
  .add(new protobuf.Field('uncatalogued', 8, 'bool'))

const NO_BYTES = new Uint8Array(0)

/**
 * Decodes a sample. `fields` is a view of `bytes`. Unknown protobuf fields are skipped. Throws
 * WIR_BAD_SAMPLE.
 */
export function decodeSample(bytes: Uint8Array): Sample {
  const { sndStamp, rcvStamp, seqNum, origin, identity, revCode, fields, uncatalogued } = read(bytes)
  return {
    sndStamp,
    rcvStamp,
    seqNum,
    origin,
    identity,
    revCode,
    // What was not sent is the default of protobufjs, an array.
    fields: fields.length === 0 ? NO_BYTES : fields,
    uncatalogued
  }
}

function read(bytes: Uint8Array): Sample {
  try {
    const reader = protobuf.Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    reader.discardUnknown = true
    return type.decode(reader) as unknown as Sample
  } catch (cause) {
    throw new AppError('WIR_BAD_SAMPLE', { cause, detail: cause instanceof Error ? cause.message : '' })
  }
}
