/**
 * The growing buffer that MessagePack is written into, and how each kind of value is written. The functions take the position and return
 * the next one, or -1 when the value does not fit the kind: then nothing counts as written. Whoever writes reserves first; only text and
 * values of unknown size reserve by themselves, and may so replace `bytes` and `view`.
 */
export class ByteWriter {
  bytes: Buffer
  view: DataView

  constructor(sizeBytes = 16_384) {
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` bytes after `at`; what stands before is kept. */
  reserve(at: number, count: number): void {
    if (at + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, at + count))
    larger.set(this.bytes.subarray(0, at))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

/** Puts one value at a position; -1 when it is not of the kind. */
export type Put = (w: ByteWriter, at: number, value: unknown) => number

const NUMBER_WORDS: Readonly<Record<string, number | undefined>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY
}

/** A number, or what JSON says for one that it cannot carry: "NaN", "Infinity", "-Infinity" [docs/protocol.md#connection]; else undefined. */
export function realOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return Object.hasOwn(NUMBER_WORDS, value) ? NUMBER_WORDS[value] : undefined
  return typeof value === 'bigint' ? Number(value) : undefined
}

/** A SAL double: `cb`. Nine bytes. */
export const putDouble: Put = (w, at, value) => {
  const real = realOf(value)
  if (real === undefined) return -1
  w.view.setUint8(at, 0xcb)
  w.view.setFloat64(at + 1, real)
  return at + 9
}

/** A SAL float: `ca`. Five bytes. */
export const putFloat: Put = (w, at, value) => {
  const real = realOf(value)
  if (real === undefined) return -1
  w.view.setUint8(at, 0xca)
  w.view.setFloat32(at + 1, real)
  return at + 5
}

/** A boolean. One byte. */
export const putBoolean: Put = (w, at, value) => {
  if (typeof value !== 'boolean') return -1
  w.view.setUint8(at, value ? 0xc3 : 0xc2)
  return at + 1
}

/** Null. One byte. */
export function putNull(w: ByteWriter, at: number): number {
  w.view.setUint8(at, 0xc0)
  return at + 1
}

/** An integer between two bounds, in its smallest form. Nine bytes at most. */
export function putIntegerOf(least: number, most: number): Put {
  return (w, at, value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? putInteger(w.view, at, value)
      : -1
}

const LEAST_INT64 = -(2n ** 63n)
const MOST_INT64 = 2n ** 63n - 1n
const MOST_UINT64 = 2n ** 64n - 1n
const DIGITS = /^-?\d{1,19}$/

/** A 64-bit integer: a number, a bigint, or digits as text, which is how JSON carries what is beyond 2^53. */
export const putInt64: Put = (w, at, value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return putInteger(w.view, at, value)
  if (typeof value === 'number' && !Number.isInteger(value)) return -1
  if (typeof value === 'string' && !DIGITS.test(value)) return -1
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return -1
  const whole = BigInt(value)
  return whole < LEAST_INT64 || whole > MOST_INT64 ? -1 : putBigInt(w, at, whole)
}

function putBigInt(w: ByteWriter, at: number, whole: bigint): number {
  if (whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER)
    return putInteger(w.view, at, Number(whole))
  w.view.setUint8(at, whole < 0n ? 0xd3 : 0xcf)
  w.view.setBigInt64(at + 1, BigInt.asIntN(64, whole))
  return at + 9
}

function putInteger(view: DataView, at: number, value: number): number {
  if (value >= 0) return putUnsigned(view, at, value)
  if (value >= -32) {
    view.setInt8(at, value)
    return at + 1
  }
  if (value >= -0x80) {
    view.setUint8(at, 0xd0)
    view.setInt8(at + 1, value)
    return at + 2
  }
  if (value >= -0x8000) {
    view.setUint8(at, 0xd1)
    view.setInt16(at + 1, value)
    return at + 3
  }
  return putWide(view, at, value, value >= -0x80000000 ? 0xd2 : 0xd3)
}

function putUnsigned(view: DataView, at: number, value: number): number {
  if (value < 0x80) {
    view.setUint8(at, value)
    return at + 1
  }
  if (value < 0x100) {
    view.setUint16(at, 0xcc00 | value)
    return at + 2
  }
  if (value < 0x10000) {
    view.setUint8(at, 0xcd)
    view.setUint16(at + 1, value)
    return at + 3
  }
  return putWide(view, at, value, value < 0x100000000 ? 0xce : 0xcf)
}

/** Four bytes for `ce` and `d2`, eight for `cf` and `d3`. */
function putWide(view: DataView, at: number, value: number, head: number): number {
  view.setUint8(at, head)
  if (head === 0xce || head === 0xd2) {
    view.setInt32(at + 1, value | 0)
    return at + 5
  }
  view.setBigInt64(at + 1, BigInt(value))
  return at + 9
}

/** Text as UTF-8. Reserves by itself, and room for `REST_BYTES` more. */
export const putString: Put = (w, at, value) => {
  if (typeof value !== 'string') return -1
  w.reserve(at, value.length * 3 + 5 + REST_BYTES)
  const short = value.length < 32 ? putShortAscii(w, at, value) : -1
  if (short >= 0) return short
  const size = Buffer.byteLength(value, 'utf8')
  const from = putStringHead(w.view, at, size)
  w.bytes.write(value, from, size, 'utf8')
  return from + size
}

/** What putString keeps free after a text, so that a number or a head may follow without another check. */
const REST_BYTES = 64

function putShortAscii({ bytes }: ByteWriter, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char > 0x7f) return -1
    bytes[at + 1 + i] = char
  }
  bytes[at] = 0xa0 | text.length
  return at + 1 + text.length
}

/** The head of a text of `size` bytes: up to five bytes. */
export function putStringHead(view: DataView, at: number, size: number): number {
  if (size < 32) {
    view.setUint8(at, 0xa0 | size)
    return at + 1
  }
  if (size < 0x100) {
    view.setUint16(at, 0xd900 | size)
    return at + 2
  }
  return putHead(view, at, { size, short: 0xda, long: 0xdb })
}

/** The head of an array: up to five bytes. */
export function putArrayHead(view: DataView, at: number, size: number): number {
  if (size >= 16) return putHead(view, at, { size, short: 0xdc, long: 0xdd })
  view.setUint8(at, 0x90 | size)
  return at + 1
}

function putMapHead(view: DataView, at: number, size: number): number {
  if (size >= 16) return putHead(view, at, { size, short: 0xde, long: 0xdf })
  view.setUint8(at, 0x80 | size)
  return at + 1
}

function putHead(view: DataView, at: number, head: { size: number; short: number; long: number }): number {
  if (head.size < 0x10000) {
    view.setUint8(at, head.short)
    view.setUint16(at + 1, head.size)
    return at + 3
  }
  view.setUint8(at, head.long)
  view.setUint32(at + 1, head.size)
  return at + 5
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** An array of exactly `count` values of a kind. The head and nine bytes for each must be reserved; text reserves by itself. */
export function putArrayOf(put: Put, count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    let to = putArrayHead(w.view, at, count)
    for (let i = 0; i < count && to >= 0; i++) to = put(w, to, value[i])
    return to
  }
}

/** An array of exactly `count` doubles: most of the bytes of an observatory pass here. */
export function putDoublesOf(count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    const { view, bytes } = w
    let to = putArrayHead(view, at, count)
    for (let i = 0; i < count; i++, to += 9) {
      const element = value[i]
      const real = typeof element === 'number' ? element : realOf(element)
      if (real === undefined) return -1
      bytes[to] = 0xcb
      view.setFloat64(to + 1, real)
    }
    return to
  }
}

/** An array of exactly `count` floats. */
export function putFloatsOf(count: number): Put {
  return (w, at, value) => {
    if (!isList(value) || value.length !== count) return -1
    const { view, bytes } = w
    let to = putArrayHead(view, at, count)
    for (let i = 0; i < count; i++, to += 5) {
      const element = value[i]
      const real = typeof element === 'number' ? element : realOf(element)
      if (real === undefined) return -1
      bytes[to] = 0xca
      view.setFloat32(to + 1, real)
    }
    return to
  }
}

const MAX_DEPTH = 15

/** Any value that MessagePack has without extensions, typed by what it is; -1 for the others. Reserves by itself. */
export function putAny(w: ByteWriter, at: number, value: unknown, depth = 0): number {
  w.reserve(at, REST_BYTES)
  if (value === null) return putNull(w, at)
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? putInteger(w.view, at, value) : putDouble(w, at, value)
    case 'string':
      return putString(w, at, value)
    case 'boolean':
      return putBoolean(w, at, value)
    case 'bigint':
      return value < LEAST_INT64 || value > MOST_UINT64 ? -1 : putBigInt(w, at, value)
    case 'object':
      return depth < MAX_DEPTH ? putObject(w, at, value, depth) : -1
    default:
      return -1
  }
}

function putObject(w: ByteWriter, at: number, value: object, depth: number): number {
  if (value instanceof Uint8Array) return putBinary(w, at, value)
  return isList(value) ? putList(w, at, value, depth) : putMap(w, at, value, depth)
}

function putBinary(w: ByteWriter, at: number, value: Uint8Array): number {
  w.reserve(at, value.length + REST_BYTES)
  w.view.setUint8(at, 0xc6)
  w.view.setUint32(at + 1, value.length)
  w.bytes.set(value, at + 5)
  return at + 5 + value.length
}

function putList(w: ByteWriter, at: number, list: ArrayLike<unknown>, depth: number): number {
  let to = putArrayHead(w.view, at, list.length)
  for (let i = 0; i < list.length && to >= 0; i++) to = putAny(w, to, list[i] ?? null, depth + 1)
  return to
}

function putMap(w: ByteWriter, at: number, map: object, depth: number): number {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined)
  let to = putMapHead(w.view, at, entries.length)
  for (const [name, value] of entries) {
    to = putAny(w, putString(w, to, name), value, depth + 1)
    if (to < 0) return -1
  }
  return to
}
