import { AppError } from '@meridian/errors'
import { isMapType, skipValue } from './walk.ts'

/**
 * Makes sure that the bytes between `start` and `end` are exactly one map with text for keys, so that they
 * may be spliced into a frame or decoded by anybody. Allocates nothing. Throws WIR_BAD_SAMPLE.
 */
export function checkFields(bytes: Uint8Array, start = 0, end = bytes.length): void {
  if (start >= end || !isMapType(bytes[start] as number)) throw bad('fields are not a map')
  const last = skipValue(bytes, start, end, 0)
  if (last !== end) throw bad(last > end ? 'fields end early' : 'bytes after the fields')
}

const bad = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })
