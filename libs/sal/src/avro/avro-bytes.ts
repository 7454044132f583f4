import { AppError } from '@meridian/errors'

/** Bits that fit the bit operations of a number, and those that a number counts exactly. */
const FEW_BITS = 28
const MANY_BITS = 49
const MOST_BITS = 70
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Ends the reading of a message: throws SAL_BAD_MESSAGE that says why. */
export function refuse(detail: string): never {
  throw new AppError('SAL_BAD_MESSAGE', { detail })
}

/**
 * Reads the values of one Avro message from front to back [docs/sal.md#avro]. A value that runs over the end is
 * refused with SAL_BAD_MESSAGE as soon as it is read, or by `end`.
 */
export class AvroBytes {
  /** What the message lies in, which may hold others too: those that Kafka sends together lie in one buffer. */
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  at = 0
  #end = 0

  /** Begins with the value after `from` bytes of a message. */
  begin(message: Uint8Array, from: number): void {
    if (message.buffer !== this.view.buffer) {
      this.bytes = new Uint8Array(message.buffer)
      this.view = new DataView(message.buffer)
    }
    this.at = message.byteOffset + from
    this.#end = message.byteOffset + message.length
  }

  /** Bytes that are not yet read. */
  left(): number {
    return this.#end - this.at
  }

  /** Moves on by `count` bytes and gives where they begin. */
  take(count: number): number {
    const from = this.at
    if (count > this.left()) refuse('it is cut short')
    this.at = from + count
    return from
  }

  /** An int or a long: a number, and a bigint only beyond 2^53. */
  integer(): number | bigint {
    let zigzag = 0
    for (let shift = 0; shift < FEW_BITS; shift += 7) {
      const byte = this.#next()
      zigzag |= (byte & 0x7f) << shift
      if (byte < 0x80) return (zigzag >>> 1) ^ -(zigzag & 1)
    }
    return this.#long(zigzag)
  }

  /** An integer of which the lowest 28 bits are read. */
  #long(low: number): number | bigint {
    let zigzag = low
    for (let shift = FEW_BITS; shift < MANY_BITS; shift += 7) {
      const byte = this.#next()
      zigzag += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    }
    return this.#longest(BigInt(zigzag))
  }

  #longest(low: bigint): number | bigint {
    let zigzag = low
    for (let shift = MANY_BITS; shift < MOST_BITS; shift += 7) {
      const byte = this.#next()
      zigzag |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) return exact(BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n)))
    }
    return refuse('an integer has more than 64 bits')
  }

  #next(): number {
    return this.at < this.#end ? (this.bytes[this.at++] as number) : refuse('it is cut short')
  }

  /** The size of something that stands in this message. */
  size(): number {
    const size = this.integer()
    if (typeof size !== 'number' || size < 0 || size > this.left()) refuse('it is cut short')
    return size
  }

  boolean(): boolean {
    const byte = this.bytes[this.take(1)]
    if (byte !== 0 && byte !== 1) refuse(`${byte} is no boolean`)
    return byte === 1
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true)
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  string(): string {
    const size = this.size()
    const from = this.take(size)
    try {
      return utf8.decode(this.bytes.subarray(from, from + size))
    } catch {
      return refuse('a text is not UTF-8')
    }
  }

  /** Moves past `bytes` where they come next; else stands still. */
  skipSame(bytes: Uint8Array): boolean {
    const size = bytes.length
    if (size === 0 || size > this.left()) return false
    for (let i = 0; i < size; i++) if (this.bytes[this.at + i] !== bytes[i]) return false
    this.at += size
    return true
  }

  /** Refuses what has bytes left. */
  end(): void {
    if (this.left() > 0) refuse(`${this.left()} bytes follow its last field`)
  }
}

function exact(value: bigint): number | bigint {
  const near = Number(value)
  return Number.isSafeInteger(near) ? near : value
}
