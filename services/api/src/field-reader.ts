/**
 * Reads one number out of a MessagePack map without decoding the rest: a history reads tens of thousands of samples for one field each.
 * Only lengths are looked at on the way.
 */

const FLOAT_32 = 0xca
const FLOAT_64 = 0xcb
const FALSE = 0xc2
const TRUE = 0xc3

/** Bytes after the tags 0xc0 to 0xdf that hold a value or a length, and what the length counts. */
const FIXED = [0, 0, 0, 0, -1, -2, -4, -1, -2, -4, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, -1, -2, -4]

/** A reader of one field, or of one element of an array field. */
export type FieldReader = (fields: Uint8Array) => number | undefined

/**
 * Makes a reader. It gives the number, a boolean as 0 or 1, NaN where NaN was sent, and undefined where the field is absent, is no number, or
 * the bytes are broken.
 */
export function createFieldReader(name: string, element?: number): FieldReader {
  const wanted = Buffer.from(name, 'utf8')
  return fields => {
    const bytes = Buffer.from(fields.buffer, fields.byteOffset, fields.byteLength)
    try {
      const at = valueAt(bytes, wanted)
      if (at < 0) return undefined
      return numberAt(bytes, element === undefined ? at : elementAt(bytes, at, element))
    } catch (err) {
      if (err instanceof RangeError) return undefined
      throw err
    }
  }
}

function valueAt(bytes: Buffer, wanted: Buffer): number {
  const tag = bytes.readUInt8(0)
  const [count, start] = countOf(bytes, { tag, fixed: 0x80, tag16: 0xde })
  let at = start
  for (let i = 0; i < count; i++) {
    const end = skip(bytes, at)
    const isWanted =
      end - wanted.length > at && bytes.compare(wanted, 0, wanted.length, end - wanted.length, end) === 0
    if (isWanted && keyLength(bytes, at) === wanted.length) return end
    at = skip(bytes, end)
  }
  return -1
}

/** Entries of a map or an array, and where the first begins; none where it is neither. */
function countOf(
  bytes: Buffer,
  { tag, fixed, tag16 }: { tag: number; fixed: number; tag16: number },
  at = 0
): readonly [count: number, start: number] {
  if ((tag & 0xf0) === fixed) return [tag & 0x0f, at + 1]
  if (tag === tag16) return [bytes.readUInt16BE(at + 1), at + 3]
  if (tag === tag16 + 1) return [bytes.readUInt32BE(at + 1), at + 5]
  return [0, at + 1]
}

function keyLength(bytes: Buffer, at: number): number {
  const tag = bytes.readUInt8(at)
  if ((tag & 0xe0) === 0xa0) return tag & 0x1f
  return tag === 0xd9 ? bytes.readUInt8(at + 1) : -1
}

function elementAt(bytes: Buffer, start: number, element: number): number {
  const [count, first] = countOf(bytes, { tag: bytes.readUInt8(start), fixed: 0x90, tag16: 0xdc }, start)
  if (element >= count) throw new RangeError('no such element')
  let at = first
  for (let i = 0; i < element; i++) at = skip(bytes, at)
  return at
}

/** Where the value after the one at `start` begins. */
function skip(bytes: Buffer, start: number): number {
  let at = start
  for (let left = 1; left > 0; left--) {
    const tag = bytes.readUInt8(at++)
    if (tag <= 0x7f || tag >= 0xe0) continue
    if (tag <= 0x8f) left += (tag & 0x0f) * 2
    else if (tag <= 0x9f) left += tag & 0x0f
    else if (tag <= 0xbf) at += tag & 0x1f
    else if (tag >= 0xdc) {
      const size = tag & 1 ? 4 : 2
      left += bytes.readUIntBE(at, size) * (tag >= 0xde ? 2 : 1)
      at += size
    } else at += lengthOf(bytes, tag, at)
  }
  return at
}

function lengthOf(bytes: Buffer, tag: number, at: number): number {
  const fixed = FIXED[tag - 0xc0] as number
  if (fixed >= 0) return fixed
  const isExtension = tag >= 0xc7 && tag <= 0xc9
  return -fixed + bytes.readUIntBE(at, -fixed) + (isExtension ? 1 : 0)
}

function numberAt(bytes: Buffer, at: number): number | undefined {
  const tag = bytes.readUInt8(at)
  if (tag <= 0x7f) return tag
  if (tag >= 0xe0) return tag - 0x100
  if (tag === FALSE || tag === TRUE) return tag - FALSE
  if (tag === FLOAT_32) return bytes.readFloatBE(at + 1)
  if (tag === FLOAT_64) return bytes.readDoubleBE(at + 1)
  return integerAt(bytes, tag, at + 1)
}

function integerAt(bytes: Buffer, tag: number, at: number): number | undefined {
  if (tag === 0xcf) return Number(bytes.readBigUInt64BE(at))
  if (tag === 0xd3) return Number(bytes.readBigInt64BE(at))
  if (tag >= 0xcc && tag <= 0xce) return bytes.readUIntBE(at, 1 << (tag - 0xcc))
  if (tag >= 0xd0 && tag <= 0xd2) return bytes.readIntBE(at, 1 << (tag - 0xd0))
  return undefined
}
