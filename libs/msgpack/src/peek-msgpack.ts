import { decodeMsgpack } from './decode-msgpack.ts'
import { bodyAt, countAt, isMapType, skipValue } from './walk.ts'

/**
 * Some values of the map that these bytes begin with, for bytes that `decodeMsgpack` refuses: those that stand
 * before the fault. Never throws; empty where the bytes are no map.
 */
export function peekMsgpack(bytes: Uint8Array, names: readonly string[]): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  try {
    if (isMapType(bytes[0] ?? 0)) peek(bytes, names, found)
  } catch {
    // The fault that the bytes were refused for.
  }
  return found
}

function peek(bytes: Uint8Array, names: readonly string[], found: Record<string, unknown>): void {
  const end = bytes.length
  let at = bodyAt(bytes, 0)
  for (let left = countAt(bytes, 0); left > 0; left--) {
    const valueAt = skipValue(bytes, at, end, 1)
    const next = skipValue(bytes, valueAt, end, 1)
    if (next > end) return
    const name = decodeMsgpack(bytes.subarray(at, valueAt))
    if (names.includes(name as string)) found[name as string] = decodeMsgpack(bytes.subarray(valueAt, next))
    at = next
  }
}
