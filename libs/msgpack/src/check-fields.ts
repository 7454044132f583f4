import { AppError } from '@meridian/errors'

// How deep maps and arrays may nest: SAL's are flat, a home-made device may send a little structure.
const MAX_DEPTH = 16

const bad = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/**
 * Walks the bytes between `start` and `end` and makes sure that they are exactly one MessagePack map with text for keys, without extension
 * types, so that they may be spliced into a frame or decoded by anybody. Allocates nothing. Throws WIR_BAD_SAMPLE.
 */
export function checkFields(bytes: Uint8Array, start = 0, end = bytes.length): void {
  const first = bytes[start] ?? 0
  const isMap = start < end && ((first & 0xf0) === 0x80 || first === 0xde || first === 0xdf)
  if (!isMap) throw bad('fields are not a map')
  const last = skipValue(bytes, start, end, 0)
  if (last !== end) throw bad(last > end ? 'fields end early' : 'bytes after the fields')
}

/** The position after the value at `at`; beyond `end` when the value does not fit. */
function skipValue(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return end + 1
  const head = bytes[at] as number
  if (head < 0x80 || head >= 0xe0) return at + 1
  if (head < 0x90) return skipMap(bytes, at + 1, end, head & 0x0f, depth)
  if (head < 0xa0) return skipArray(bytes, at + 1, end, head & 0x0f, depth)
  if (head < 0xc0) return at + 1 + (head & 0x1f)
  return skipSized(bytes, at, end, head, depth)
}

/** Bytes that follow each head from 0xc0 to 0xdf where the number is fixed; -1 where it is not. */
const FIXED = [
  0, -1, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  -1, -1
]

function skipSized(bytes: Uint8Array, at: number, end: number, head: number, depth: number): number {
  const fixed = FIXED[head - 0xc0] as number
  if (fixed >= 0) return at + 1 + fixed
  const width = LENGTH_WIDTH[head - 0xc0] as number
  if (width === 0) throw bad(`byte 0x${head.toString(16)} is no plain value`)
  const from = at + 1 + width
  if (from > end) return end + 1
  const count = lengthAt(bytes, at + 1, width)
  if (head >= 0xde) return skipMap(bytes, from, end, count, depth)
  return head >= 0xdc ? skipArray(bytes, from, end, count, depth) : from + count
}

/** Width of the length that follows each head from 0xc0 to 0xdf; 0 for what we do not accept: 0xc1 and extension types. */
const LENGTH_WIDTH = [
  0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4
]

function lengthAt(bytes: Uint8Array, at: number, width: number): number {
  let length = 0
  for (let i = 0; i < width; i++) length = length * 256 + (bytes[at + i] as number)
  return length
}

function skipArray(bytes: Uint8Array, from: number, end: number, count: number, depth: number): number {
  if (depth >= MAX_DEPTH) throw bad('nested too deep')
  if (count > end - from) return end + 1
  let at = from
  for (let i = 0; i < count && at < end + 1; i++) {
    const head = bytes[at]
    // Arrays of doubles and floats are most of what the observatory says.
    if (head === 0xcb) at += 9
    else if (head === 0xca) at += 5
    else at = skipValue(bytes, at, end, depth + 1)
  }
  return at
}

function skipMap(bytes: Uint8Array, from: number, end: number, count: number, depth: number): number {
  if (depth >= MAX_DEPTH) throw bad('nested too deep')
  if (2 * count > end - from) return end + 1
  let at = from
  for (let i = 0; i < count; i++) {
    if (at >= end) return end + 1
    const head = bytes[at] as number
    if (!((head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb)))
      throw bad('a key that is not text')
    at = skipValue(bytes, skipValue(bytes, at, end, depth + 1), end, depth + 1)
  }
  return at
}
