import { AppError } from '@meridian/errors'

/**
 * MessagePack as our frames use it: nil, booleans, numbers, strings, binary, arrays and maps; no extension types. Strict, because a door
 * reads strangers' bytes with it: bounded depth, no allocation that the bytes themselves do not pay for, whole input or nothing.
 */

const utf8 = new TextDecoder()
const toUtf8 = new TextEncoder()

/** How deep arrays and maps may be nested. */
export const MAX_DEPTH = 32

/** One value of exactly these bytes. Integers beyond 2^53 become bigint. Throws GTW_BAD_FRAME. */
export function unpack(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (reader.at !== bytes.length) throw bad('bytes after the end')
  return value
}

/** A value as MessagePack. Integers take the smallest form; other numbers, and integers beyond 2^32, are doubles; undefined is nil. */
export function pack(value: unknown): Uint8Array {
  const writer = new Writer()
  writer.value(value, 0)
  return writer.done()
}

const bad = (detail: string): AppError => new AppError('GTW_BAD_FRAME', { detail })

class Reader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(depth: number): unknown {
    const type = this.#view.getUint8(this.#take(1))
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f, depth)
    if (type < 0xa0) return this.#array(type & 0x0f, depth)
    if (type < 0xc0) return this.#string(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    return this.#wide(type, depth)
  }

  #wide(type: number, depth: number): unknown {
    const view = this.#view
    switch (type) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#size(type - 0xc4))
      case 0xca:
        return view.getFloat32(this.#take(4))
      case 0xcb:
        return view.getFloat64(this.#take(8))
      case 0xcf:
        return small(view.getBigUint64(this.#take(8)))
      case 0xd0:
        return view.getInt8(this.#take(1))
      case 0xd1:
        return view.getInt16(this.#take(2))
      case 0xd2:
        return view.getInt32(this.#take(4))
      case 0xd3:
        return small(view.getBigInt64(this.#take(8)))
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#size(type - 0xcc)
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#size(type - 0xd9))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#size(type - 0xdb), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#size(type - 0xdd), depth)
      default:
        throw bad(`type byte 0x${type.toString(16)} is not used here`)
    }
  }

  /** Reserves `n` bytes and gives where they begin. */
  #take(n: number): number {
    const start = this.at
    if (n > this.#bytes.length - start) throw bad('ends too early')
    this.at = start + n
    return start
  }

  /** An unsigned number of 1, 2 or 4 bytes (`power` 0, 1, 2). */
  #size(power: number): number {
    if (power === 0) return this.#view.getUint8(this.#take(1))
    if (power === 1) return this.#view.getUint16(this.#take(2))
    return this.#view.getUint32(this.#take(4))
  }

  #string(length: number): string {
    const start = this.#take(length)
    const bytes = this.#bytes
    if (length > 24) return utf8.decode(bytes.subarray(start, start + length))
    let out = ''
    for (let i = start; i < start + length; i++) {
      const byte = bytes[i] as number
      if (byte > 0x7f) return utf8.decode(bytes.subarray(start, start + length))
      out += String.fromCharCode(byte)
    }
    return out
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.slice(start, start + length)
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(length, depth)
    const out: unknown[] = []
    for (let i = 0; i < length; i++) out.push(this.value(depth + 1))
    return out
  }

  #map(length: number, depth: number): Record<string, unknown> {
    this.#enter(length * 2, depth)
    const out: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw bad('a key is not text')
      const value = this.value(depth + 1)
      if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true })
      else out[key] = value
    }
    return out
  }

  /** Every element takes a byte at least, so a length beyond the rest is a lie. */
  #enter(elements: number, depth: number): void {
    if (depth >= MAX_DEPTH) throw bad('nested too deeply')
    if (elements > this.#bytes.length - this.at) throw bad('ends too early')
  }
}

const small = (value: bigint): number | bigint =>
  value <= 9007199254740991n && value >= -9007199254740991n ? Number(value) : value

/** The most that a type byte with its number or length takes. Reserved first: `#view` must not change between its look-up and its use. */
const HEAD_BYTES = 9

class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  value(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw bad('nested too deeply')
    this.#room(HEAD_BYTES)
    if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') this.#string(value)
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2)
    else if (typeof value === 'bigint') this.#big(value)
    else if (value === null || value === undefined) this.#byte(0xc0)
    else if (value instanceof Uint8Array) this.#binary(value)
    else if (Array.isArray(value)) this.#array(value, depth)
    else this.#map(value as Record<string, unknown>, depth)
  }

  #array(value: readonly unknown[], depth: number): void {
    this.#head(value.length, 0x90, 16, 0xdc)
    for (const item of value) this.value(item, depth + 1)
  }

  #map(value: Readonly<Record<string, unknown>>, depth: number): void {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    this.#head(entries.length, 0x80, 16, 0xde)
    for (const [key, item] of entries) {
      this.#string(key)
      this.value(item, depth + 1)
    }
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || value > 0xffffffff || value < -0x80000000 || Object.is(value, -0)) {
      const at = this.#tagged(0xcb, 8)
      this.#view.setFloat64(at, value)
    } else if (value < 0) this.#negative(value)
    else if (value < 0x80) this.#byte(value)
    else this.#sized(value, 0xcc)
  }

  #negative(value: number): void {
    if (value >= -32) this.#byte(value + 0x100)
    else if (value >= -0x80) this.#view.setInt8(this.#tagged(0xd0, 1), value)
    else if (value >= -0x8000) this.#view.setInt16(this.#tagged(0xd1, 2), value)
    else this.#view.setInt32(this.#tagged(0xd2, 4), value)
  }

  #big(value: bigint): void {
    if (value < 0n) this.#view.setBigInt64(this.#tagged(0xd3, 8), value)
    else this.#view.setBigUint64(this.#tagged(0xcf, 8), value)
  }

  #string(value: string): void {
    this.#room(HEAD_BYTES)
    const bytes = toUtf8.encode(value)
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length)
    else this.#sized(bytes.length, 0xd9)
    this.#raw(bytes)
  }

  #binary(value: Uint8Array): void {
    this.#sized(value.length, 0xc4)
    this.#raw(value)
  }

  /** Length of an array or a map: in the type byte below `limit`, else in two or four bytes after `wide`. */
  #head(length: number, fix: number, limit: number, wide: number): void {
    if (length < limit) this.#byte(fix | length)
    else if (length <= 0xffff) this.#view.setUint16(this.#tagged(wide, 2), length)
    else this.#view.setUint32(this.#tagged(wide + 1, 4), length)
  }

  /** An unsigned number in one, two or four bytes after `tag`, `tag + 1`, `tag + 2`. */
  #sized(value: number, tag: number): void {
    if (value <= 0xff) this.#view.setUint8(this.#tagged(tag, 1), value)
    else if (value <= 0xffff) this.#view.setUint16(this.#tagged(tag + 1, 2), value)
    else this.#view.setUint32(this.#tagged(tag + 2, 4), value)
  }

  #byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #tagged(tag: number, size: number): number {
    this.#byte(tag)
    this.#room(size)
    this.#at += size
    return this.#at - size
  }

  #room(n: number): void {
    if (this.#at + n <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + n))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
