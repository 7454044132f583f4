import { AppError } from '@meridian/errors'

// The tables stand beside the walk, because the binding of an import costs as much as the rest of a step.

/**
 * How many levels of maps and arrays one value may have. SAL's fields are flat; a home-made device may send a
 * little structure.
 */
export const MAX_DEPTH = 32

// What follows the type bytes 0xc0 to 0xdf, eight to a line. Where a length follows, the value has no size of
// its own.
const WIDE_VALUE_BYTES = [
  [1, 0, 1, 1, 0, 0, 0, 0],
  [0, 0, 5, 9, 2, 3, 5, 9],
  [2, 3, 5, 9, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0]
].flat()
const WIDE_LENGTH_BYTES = [
  [0, 0, 0, 0, 1, 2, 4, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 1, 2, 4, 2, 4, 2, 4]
].flat()

/**
 * Bytes of a whole value by its type byte, where that byte alone decides: numbers, nil, booleans, text below
 * 32 bytes. 0 for all others. One of the two tables behind every function here that reads.
 */
export const VALUE_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, type) => {
  if (type < 0x80 || type >= 0xe0) return 1
  if (type < 0xa0) return 0
  return type < 0xc0 ? 1 + (type & 0x1f) : (WIDE_VALUE_BYTES[type - 0xc0] ?? 0)
})

/**
 * Bytes of the length that follows a type byte: of text and binary in bytes, of arrays in values, of maps in
 * pairs. 0 where none follows. A type byte of 0xc0 and above with 0 in both tables is one that is not used
 * here: 0xc1 and the extension types.
 */
export const LENGTH_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, type) =>
  type >= 0xc0 && type < 0xe0 ? (WIDE_LENGTH_BYTES[type - 0xc0] ?? 0) : 0
)

/** Whether a type byte begins a map. */
export const isMapType = (type: number): boolean => (type & 0xf0) === 0x80 || (type & 0xfe) === 0xde

/** Whether a type byte begins an array. */
export const isArrayType = (type: number): boolean => (type & 0xf0) === 0x90 || (type & 0xfe) === 0xdc

/** Whether a type byte begins text. */
export const isTextType = (type: number): boolean => (type & 0xe0) === 0xa0 || (type >= 0xd9 && type <= 0xdb)

const bad = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/**
 * The position after the value at `at`, whose bytes must lie before `end`; a position beyond `end` where they
 * do not. Looks at type bytes and lengths alone and allocates nothing. `depth` counts the maps and arrays
 * around the value. Throws WIR_BAD_SAMPLE on a type byte that is not used here, on a key that is not text,
 * and on more levels than MAX_DEPTH.
 */
export function skipValue(bytes: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return end + 1
  const type = bytes[at] as number
  const size = VALUE_BYTES[type] as number
  if (size > 0) return at + size
  if (type < 0x90) return skipMap(bytes, at + 1, end, type & 0x0f, depth)
  if (type < 0xa0) return skipArray(bytes, at + 1, end, type & 0x0f, depth)
  return skipSized(bytes, at, end, type, depth)
}

function skipSized(bytes: Uint8Array, at: number, end: number, type: number, depth: number): number {
  const width = LENGTH_BYTES[type] as number
  if (width === 0) throw bad(`type byte 0x${type.toString(16)} is not used here`)
  const from = at + 1 + width
  if (from > end) return end + 1
  const length = lengthAt(bytes, at + 1, width)
  if (type >= 0xde) return skipMap(bytes, from, end, length, depth)
  return type >= 0xdc ? skipArray(bytes, from, end, length, depth) : from + length
}

/** The unsigned big-endian number of `width` bytes. */
function lengthAt(bytes: Uint8Array, at: number, width: number): number {
  let length = 0
  for (let i = 0; i < width; i++) length = length * 256 + (bytes[at + i] as number)
  return length
}

/**
 * How many values an array, or pairs a map, at `at` has. The type byte must be one of theirs and the length
 * be there.
 */
export function countAt(bytes: Uint8Array, at: number): number {
  const type = bytes[at] as number
  return type < 0xa0 ? type & 0x0f : lengthAt(bytes, at + 1, LENGTH_BYTES[type] as number)
}

/** Where the first value inside the array or map at `at` stands. */
export const bodyAt = (bytes: Uint8Array, at: number): number =>
  at + 1 + (LENGTH_BYTES[bytes[at] as number] as number)

function skipArray(bytes: Uint8Array, from: number, end: number, count: number, depth: number): number {
  if (depth >= MAX_DEPTH) throw bad('nested too deep')
  if (count > end - from) return end + 1
  let at = from
  for (let i = 0; i < count && at <= end; i++) {
    const type = bytes[at]
    // Arrays of doubles and floats are most of what the observatory says.
    if (type === 0xcb) at += 9
    else if (type === 0xca) at += 5
    else at = skipValue(bytes, at, end, depth + 1)
  }
  return at
}

/** The position after the text at `at`. */
function skipKey(bytes: Uint8Array, at: number, end: number): number {
  const type = bytes[at] as number
  if (type >= 0xa0 && type < 0xc0) return at + 1 + (type & 0x1f)
  if (!isTextType(type)) throw bad('a key that is not text')
  return skipSized(bytes, at, end, type, 0)
}

function skipMap(bytes: Uint8Array, from: number, end: number, count: number, depth: number): number {
  if (depth >= MAX_DEPTH) throw bad('nested too deep')
  if (2 * count > end - from) return end + 1
  let at = from
  for (let i = 0; i < count; i++) {
    if (at >= end) return end + 1
    at = skipKey(bytes, at, end)
    at = bytes[at] === 0xcb ? at + 9 : skipValue(bytes, at, end, depth + 1)
  }
  return at
}
