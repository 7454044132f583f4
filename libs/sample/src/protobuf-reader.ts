import { AppError } from '@meridian/errors'

// Reads what a sample is made of. One cursor serves all reads, since reading never waits.

/** Where the next read begins. */
export const cursor = { at: 0 }

// A double passes through this pair; protobuf is little-endian, and so is every machine that runs Node.
const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

const bad = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/** The low 32 bits of a varint, as protobuf's int32 reads it. Throws WIR_BAD_SAMPLE. */
export function readVarint(bytes: Uint8Array): number {
  let result = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw bad('ends inside a number')
    if (shift < 32) result |= (byte & 0x7f) << shift
    if (byte < 0x80) return result
  }
  throw bad('a number of more than ten bytes')
}

/** The length of what follows, all of which is there. Throws WIR_BAD_SAMPLE. */
export function readLength(bytes: Uint8Array): number {
  const length = readVarint(bytes) >>> 0
  if (length > bytes.length - cursor.at) throw bad('ends inside a field')
  return length
}

/** A double of eight bytes. Throws WIR_BAD_SAMPLE. */
export function readDouble(bytes: Uint8Array): number {
  const from = cursor.at
  advance(bytes, 8)
  for (let i = 0; i < 8; i++) doubleBytes[i] = bytes[from + i] as number
  return double[0] as number
}

/** Passes over a field whose tag was read. Throws WIR_BAD_SAMPLE. */
export function skip(bytes: Uint8Array, tag: number): void {
  const wireType = tag & 7
  if (tag >>> 3 === 0) throw bad('field number 0')
  if (wireType === 0) readVarint(bytes)
  else if (wireType === 1) advance(bytes, 8)
  else if (wireType === 2) advance(bytes, readLength(bytes))
  else if (wireType === 5) advance(bytes, 4)
  else throw bad(`wire type ${wireType}`)
}

function advance(bytes: Uint8Array, count: number): void {
  if (cursor.at + count > bytes.length) throw bad('ends inside a field')
  cursor.at += count
}
