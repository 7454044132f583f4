import { KeyCache } from './key-cache.ts'
import { isTextType, LENGTH_BYTES, MAX_DEPTH, VALUE_BYTES } from './walk.ts'

/** Options of `decodeMsgpack`; all have defaults. */
export interface DecodeOptions {
  /**
   * Makes the error that is thrown for bytes that are no value; default a SyntaxError, as JSON.parse throws.
   */
  readonly refuse?: (detail: string) => Error
  /** Levels of maps and arrays that are read; default MAX_DEPTH. */
  readonly maxDepth?: number
  /** Refuses text that is not UTF-8; default false: what is none becomes U+FFFD, so that the rest is shown. */
  readonly strictText?: boolean
}

/**
 * One value of exactly these bytes. Made for bytes of strangers: bounded depth, no allocation that the bytes
 * themselves do not pay for, the whole input or nothing. Integers beyond 2^53 become a bigint; a key
 * `__proto__` is a property like any other, as from JSON.parse. Throws what `refuse` makes on bytes that are
 * cut, go on after the value, nest too deep, have a key that is not text, or use 0xc1 or an extension type.
 */
export function decodeMsgpack(bytes: Uint8Array, options: DecodeOptions = NO_OPTIONS): unknown {
  const reader = new Reader(bytes, options)
  const value = reader.value(0)
  reader.end()
  return value
}

const NO_OPTIONS: DecodeOptions = {}
const syntaxError = (detail: string): Error => new SyntaxError(detail)
// A text that begins with a byte order mark keeps it.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const keys = new KeyCache()
/** ASCII text up to this length is read by a loop, which is faster than the platform's decoder. */
const LOOP_LENGTH = 24

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  readonly #refuse: (detail: string) => Error
  readonly #maxDepth: number
  readonly #isStrict: boolean
  #at = 0

  constructor(
    bytes: Uint8Array,
    { refuse = syntaxError, maxDepth = MAX_DEPTH, strictText = false }: DecodeOptions
  ) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.length
    this.#refuse = refuse
    this.#maxDepth = maxDepth
    this.#isStrict = strictText
  }

  end(): void {
    if (this.#at !== this.#end) throw this.#refuse('bytes after the end')
  }

  value(depth: number): unknown {
    const type = this.#view.getUint8(this.#take(1))
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f, depth)
    if (type < 0xa0) return this.#array(type & 0x0f, depth)
    if (type < 0xc0) return this.#text(type & 0x1f)
    return type < 0xe0 ? this.#wide(type, depth) : type - 0x100
  }

  #wide(type: number, depth: number): unknown {
    const size = VALUE_BYTES[type] as number
    if (size > 1) return numberAt(this.#view, type, this.#take(size - 1))
    if (size === 1) return type === 0xc0 ? null : type === 0xc3
    const length = this.#length(type)
    if (type >= 0xde) return this.#map(length, depth)
    if (type >= 0xdc) return this.#array(length, depth)
    return type >= 0xd9 ? this.#text(length) : this.#binary(length)
  }

  /** Reserves `count` bytes and gives where they begin. */
  #take(count: number): number {
    const start = this.#at
    if (count > this.#end - start) throw this.#refuse('ends too early')
    this.#at = start + count
    return start
  }

  #length(type: number): number {
    const width = LENGTH_BYTES[type] as number
    if (width === 0) throw this.#refuse(`type byte 0x${type.toString(16)} is not used here`)
    const at = this.#take(width)
    if (width === 1) return this.#view.getUint8(at)
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.slice(start, start + length)
  }

  #text(length: number): string {
    const start = this.#take(length)
    const bytes = this.#bytes
    if (length > LOOP_LENGTH) return this.#decoded(start, length)
    let out = ''
    for (let i = start; i < start + length; i++) {
      const byte = bytes[i] as number
      if (byte > 0x7f) return this.#decoded(start, length)
      out += String.fromCharCode(byte)
    }
    return out
  }

  #decoded(start: number, length: number): string {
    const bytes = this.#bytes.subarray(start, start + length)
    if (!this.#isStrict) return utf8.decode(bytes)
    try {
      return strictUtf8.decode(bytes)
    } catch {
      throw this.#refuse('text that is not UTF-8')
    }
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(length, depth)
    const view = this.#view
    const out: unknown[] = new Array(length)
    for (let i = 0; i < length; i++) {
      const at = this.#at
      // Arrays of doubles are most of what the observatory says.
      if (this.#end - at >= 9 && view.getUint8(at) === 0xcb) {
        out[i] = view.getFloat64(at + 1)
        this.#at = at + 9
      } else out[i] = this.value(depth + 1)
    }
    return out
  }

  #map(length: number, depth: number): Record<string, unknown> {
    this.#enter(length * 2, depth)
    const out: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const key = this.#key()
      const value = this.value(depth + 1)
      if (key === '__proto__') define(out, key, value)
      else out[key] = value
    }
    return out
  }

  #key(): string {
    const type = this.#view.getUint8(this.#take(1))
    const isShort = type >= 0xa0 && type < 0xc0
    if (!isShort && !isTextType(type)) throw this.#refuse('a key that is not text')
    const length = isShort ? type & 0x1f : this.#length(type)
    const at = this.#at
    this.#take(length)
    const known = keys.find(this.#view, at, length)
    if (known !== undefined) return known
    this.#at = at
    const key = this.#text(length)
    // A key that was mended is not kept: a strict reader must find it as it is.
    if (!key.includes('\ufffd')) keys.keep(key, this.#view, at, length)
    return key
  }

  /** Every value takes a byte at least, so a length beyond the rest is a lie. */
  #enter(values: number, depth: number): void {
    if (depth >= this.#maxDepth) throw this.#refuse('nested too deep')
    if (values > this.#end - this.#at) throw this.#refuse('ends too early')
  }
}

/**
 * The number whose bytes stand at `at` after the type byte `type`; undefined where that is no type of a
 * number.
 */
export function numberAt(view: DataView, type: number, at: number): number | bigint | undefined {
  switch (type) {
    case 0xca:
      return view.getFloat32(at)
    case 0xcb:
      return view.getFloat64(at)
    case 0xcc:
      return view.getUint8(at)
    case 0xcd:
      return view.getUint16(at)
    case 0xce:
      return view.getUint32(at)
    case 0xcf:
      return exact(view.getBigUint64(at))
    case 0xd0:
      return view.getInt8(at)
    case 0xd1:
      return view.getInt16(at)
    case 0xd2:
      return view.getInt32(at)
    case 0xd3:
      return exact(view.getBigInt64(at))
    default:
      return undefined
  }
}

/** A number where that is exact, else the bigint. */
const exact = (value: bigint): number | bigint =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value

/** An assignment to `__proto__` would set the prototype. */
const define = (out: object, key: string, value: unknown): unknown =>
  Object.defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true })
