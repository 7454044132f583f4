import { encodeMsgpack } from './encode-msgpack.ts'
import { putMapHead } from './put-number.ts'
import { bodyAt } from './walk.ts'

const MOST_HEAD_BYTES = 5

/** Pairs of the map at the start of `map`, which must have passed `checkFields`. */
function pairsOf(map: Uint8Array): number {
  const [type = 0] = map
  if ((type & 0xf0) === 0x80) return type & 0x0f
  const view = new DataView(map.buffer, map.byteOffset, map.byteLength)
  return type === 0xde ? view.getUint16(1) : view.getUint32(1)
}

/** A map with one more field behind the others, whose bytes stay as they are; the result is a copy. */
export function appendField(map: Uint8Array, name: string, value: unknown): Uint8Array {
  const body = map.subarray(bodyAt(map, 0))
  const key = encodeMsgpack(name)
  const bytes = encodeMsgpack(value)
  const out = new Uint8Array(MOST_HEAD_BYTES + body.length + key.length + bytes.length)
  let at = putMapHead(out, 0, pairsOf(map) + 1)
  for (const part of [body, key, bytes]) {
    out.set(part, at)
    at += part.length
  }
  return out.subarray(0, at)
}
