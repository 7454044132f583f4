const TWO_32 = 0x1_0000_0000

/**
 * A whole number in its smallest form: unsigned from 0 up, signed below. Nine bytes at most. The one place
 * that chooses the form of an integer. The number must be safe (within 2^53).
 */
export function putInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0) return putUnsigned(bytes, at, value)
  if (value >= -32) {
    bytes[at] = value
    return at + 1
  }
  if (value >= -0x80) return putSized(bytes, at, 0xd0, value, 1)
  if (value >= -0x8000) return putSized(bytes, at, 0xd1, value, 2)
  if (value >= -0x8000_0000) return putSized(bytes, at, 0xd2, value, 4)
  return putWords(bytes, at, 0xd3, Math.floor(value / TWO_32), value)
}

function putUnsigned(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value
    return at + 1
  }
  if (value < TWO_32) return putLength(bytes, at, 0xcc, value)
  return putWords(bytes, at, 0xcf, Math.floor(value / TWO_32), value)
}

/** A type byte and 64 bits, of which `low` may carry the whole number. */
function putWords(bytes: Uint8Array, at: number, type: number, high: number, low: number): number {
  putSized(bytes, at + 4, 0, low, 4)
  return putSized(bytes, at, type, high, 4) + 4
}

/** An unsigned number of one, two or four bytes after `type8`, `type8 + 1` or `type8 + 2`. */
export function putLength(bytes: Uint8Array, at: number, type8: number, value: number): number {
  if (value < 0x100) return putSized(bytes, at, type8, value, 1)
  return value < 0x1_0000
    ? putSized(bytes, at, type8 + 1, value, 2)
    : putSized(bytes, at, type8 + 2, value, 4)
}

/** A type byte and the lowest `size` bytes of a number, the highest of them first. */
function putSized(bytes: Uint8Array, at: number, type: number, value: number, size: 1 | 2 | 4): number {
  bytes[at] = type
  let to = at + 1
  if (size === 4) {
    bytes[to++] = value >>> 24
    bytes[to++] = value >>> 16
  }
  if (size >= 2) bytes[to++] = value >>> 8
  bytes[to++] = value
  return to
}

/**
 * A whole number of a frame: as putInteger up to 32 bits, beyond them a double, which every reader takes for
 * a plain number where it might take 64 bits for another type.
 */
export function putFrameInteger(bytes: Uint8Array, at: number, value: number): number {
  return value < TWO_32 && value >= -0x8000_0000 ? putInteger(bytes, at, value) : putDouble(bytes, at, value)
}

/** An integer of up to 64 bits in its smallest form; -1 beyond. */
export function putBigInt(bytes: Uint8Array, at: number, value: bigint): number {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER)
    return putInteger(bytes, at, Number(value))
  if (value < -(2n ** 63n) || value >= 2n ** 64n) return -1
  return putWords(bytes, at, value < 0n ? 0xd3 : 0xcf, Number(value >> 32n), Number(value & 0xffff_ffffn))
}

// A double passes through this pair; the bytes come out in the machine's order.
const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** A double: nine bytes, `cb` first. */
export function putDouble(bytes: Uint8Array, at: number, value: number): number {
  double[0] = value
  bytes[at] = 0xcb
  if (isLittleEndian) for (let i = 0; i < 8; i++) bytes[at + 1 + i] = doubleBytes[7 - i] as number
  else bytes.set(doubleBytes, at + 1)
  return at + 9
}

/** The head of an array of `count` values: up to five bytes. */
export const putArrayHead = (bytes: Uint8Array, at: number, count: number): number =>
  putHead(bytes, at, 0x90, 0xdc, count)

/** The head of a map of `count` pairs: up to five bytes. */
export const putMapHead = (bytes: Uint8Array, at: number, count: number): number =>
  putHead(bytes, at, 0x80, 0xde, count)

function putHead(bytes: Uint8Array, at: number, fix: number, wide: number, count: number): number {
  if (count >= 0x1_0000) return putSized(bytes, at, wide + 1, count, 4)
  if (count >= 16) return putSized(bytes, at, wide, count, 2)
  bytes[at] = fix | count
  return at + 1
}

/** The head of a text of `size` bytes: up to five bytes. */
export function putTextHead(bytes: Uint8Array, at: number, size: number): number {
  if (size >= 32) return putLength(bytes, at, 0xd9, size)
  bytes[at] = 0xa0 | size
  return at + 1
}
