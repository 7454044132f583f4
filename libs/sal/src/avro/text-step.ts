import { isUtf8 } from 'node:buffer'
import { type ByteWriter, putTextHead } from '@meridian/msgpack'
import { type AvroBytes, refuse } from './avro-bytes.ts'

/** Bytes up to which a loop is faster than a copy by the platform. */
const LOOP_BYTES = 64

/** Text stays the bytes that it is. Refuses with SAL_BAD_MESSAGE what is no UTF-8. */
export function putTextBytes(from: AvroBytes, to: ByteWriter, at: number): number {
  const size = from.size()
  const start = from.take(size)
  const end = putTextHead(to.bytes, at, size)
  if (size <= LOOP_BYTES && copyAscii(from.bytes, start, to.bytes, end, size)) return end + size
  const text = from.bytes.subarray(start, start + size)
  if (!isUtf8(text)) refuse('a text is not UTF-8')
  to.bytes.set(text, end)
  return end + size
}

/** Whether all of it was ASCII, and is copied. */
function copyAscii(from: Uint8Array, start: number, to: Uint8Array, at: number, size: number): boolean {
  for (let i = 0; i < size; i++) {
    const byte = from[start + i] as number
    if (byte > 0x7f) return false
    to[at + i] = byte
  }
  return true
}
