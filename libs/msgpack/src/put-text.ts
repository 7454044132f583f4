import { type ByteWriter, type Put, REST_BYTES } from './byte-writer.ts'
import { putTextHead } from './put-number.ts'

/** UTF-16 units up to which a loop over ASCII is faster than the platform's encoder. */
const LOOP_LENGTH = 64
const MOST_BYTES_PER_UNIT = 3
const utf8 = new TextEncoder()

/** Text as UTF-8. Reserves by itself, and REST_BYTES more. */
export const putText: Put = (w, at, value) => {
  if (typeof value !== 'string') return -1
  w.reserve(at, value.length * MOST_BYTES_PER_UNIT + 5 + REST_BYTES)
  const to = value.length <= LOOP_LENGTH ? putAscii(w.bytes, at, value) : -1
  return to < 0 ? putUtf8(w, at, value) : to
}

function putAscii(bytes: Uint8Array, at: number, text: string): number {
  const from = putTextHead(bytes, at, text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) return -1
    bytes[from + i] = unit
  }
  return from + text.length
}

/** The head's size depends on the bytes, which are known afterwards: if the guess was wrong, they move. */
function putUtf8({ bytes }: ByteWriter, at: number, text: string): number {
  const guess = putTextHead(bytes, at, text.length)
  const { written } = utf8.encodeInto(text, bytes.subarray(guess))
  const from = at + headBytes(written)
  if (from !== guess) bytes.copyWithin(from, guess, guess + written)
  putTextHead(bytes, at, written)
  return from + written
}

function headBytes(size: number): number {
  if (size < 0x100) return size < 32 ? 1 : 2
  return size < 0x1_0000 ? 3 : 5
}
