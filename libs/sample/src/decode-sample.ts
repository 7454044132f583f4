import { cursor, readDouble, readLength, readVarint, skip } from './protobuf-reader.ts'
import type { Sample } from './sample.ts'
import { FIELDS, IDENTITY, ORIGIN, RCV_STAMP, REV_CODE, SEQ_NUM, SND_STAMP, UNCATALOGUED } from './tags.ts'

const NO_BYTES = new Uint8Array(0)

/**
 * Decodes a sample. `fields` is a view of `bytes`. Unknown protobuf fields are skipped. Throws
 * WIR_BAD_SAMPLE.
 */
export function decodeSample(bytes: Uint8Array): Sample {
  const sample = emptySample()
  cursor.at = 0
  while (cursor.at < bytes.length) readField(bytes, sample)
  return sample
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const emptySample = (): Writable<Sample> => ({
  sndStamp: 0,
  rcvStamp: 0,
  seqNum: 0,
  origin: 0,
  identity: '',
  revCode: '',
  fields: NO_BYTES,
  uncatalogued: false
})

function readField(bytes: Uint8Array, into: Writable<Sample>): void {
  const tag = readVarint(bytes)
  switch (tag) {
    case SND_STAMP:
      into.sndStamp = readDouble(bytes)
      break
    case RCV_STAMP:
      into.rcvStamp = readDouble(bytes)
      break
    case SEQ_NUM:
      into.seqNum = readVarint(bytes)
      break
    case ORIGIN:
      into.origin = readVarint(bytes)
      break
    case IDENTITY:
      into.identity = readText(bytes)
      break
    case REV_CODE:
      into.revCode = readText(bytes)
      break
    case FIELDS:
      into.fields = readBytes(bytes)
      break
    case UNCATALOGUED:
      into.uncatalogued = readVarint(bytes) !== 0
      break
    default:
      skip(bytes, tag)
  }
}

function readBytes(bytes: Uint8Array): Uint8Array {
  const length = readLength(bytes)
  cursor.at += length
  return bytes.subarray(cursor.at - length, cursor.at)
}

function readText(bytes: Uint8Array): string {
  const { buffer, byteOffset, length } = readBytes(bytes)
  return Buffer.from(buffer, byteOffset, length).toString('utf8')
}
