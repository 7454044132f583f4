import { AppError } from '@meridian/errors'
import { numberAt } from './decode-msgpack.ts'
import { bodyAt, countAt, isArrayType, isMapType, skipValue, VALUE_BYTES } from './walk.ts'

/** Reads one number out of a map of fields. */
export type NumberReader = (fields: Uint8Array) => number | undefined

/**
 * Makes a reader of one field, or of one element of an array field, that decodes nothing else: a history
 * reads tens of thousands of samples for one number each. It gives the number, a boolean as 0 or 1, NaN where
 * NaN was sent, and undefined where the field is absent, is no number, or the bytes are broken.
 */
export function createNumberReader(name: string, element?: number): NumberReader {
  const wanted = new TextEncoder().encode(name)
  return fields => {
    try {
      const at = valueAt(fields, wanted)
      return numericAt(fields, element === undefined ? at : elementAt(fields, at, element))
    } catch (err) {
      if (err instanceof AppError) return undefined
      throw err
    }
  }
}

/** Where the value of a key stands; the end of the bytes if nowhere. */
function valueAt(bytes: Uint8Array, wanted: Uint8Array): number {
  const end = bytes.length
  if (end === 0 || !isMapType(bytes[0] as number)) return end
  for (let at = bodyAt(bytes, 0); at < end; ) {
    const value = skipValue(bytes, at, end, 0)
    if (value < end && isKey(bytes, bodyAt(bytes, at), value, wanted)) return value
    at = skipValue(bytes, value, end, 0)
  }
  return end
}

function isKey(bytes: Uint8Array, from: number, to: number, wanted: Uint8Array): boolean {
  if (to - from !== wanted.length) return false
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false
  return true
}

function elementAt(bytes: Uint8Array, array: number, element: number): number {
  const end = bytes.length
  if (array >= end || !isArrayType(bytes[array] as number)) return end
  if (element >= countAt(bytes, array)) return end
  let at = bodyAt(bytes, array)
  for (let i = 0; i < element && at < end; i++) at = skipValue(bytes, at, end, 0)
  return at
}

function numericAt(bytes: Uint8Array, at: number): number | undefined {
  const type = bytes[at]
  if (type === undefined || at + (VALUE_BYTES[type] as number) > bytes.length) return undefined
  if (type < 0x80) return type
  if (type >= 0xe0) return type - 0x100
  if (type === 0xc2 || type === 0xc3) return type - 0xc2
  const value = numberAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), type, at + 1)
  return value === undefined ? undefined : Number(value)
}
