import { ByteWriter } from './byte-writer.ts'
import { putFrameInteger } from './put-number.ts'
import { putValue } from './put-value.ts'

// One buffer for all calls: writing never waits, and what leaves is a copy.
const shared = new ByteWriter(1024)
const KEPT_BYTES = 65_536

/**
 * A value as MessagePack, as JSON.stringify would take it: `undefined` is left out of maps and nil elsewhere.
 * Integers take the smallest form that holds them, unsigned from 0 up; a number beyond 32 bits is a double, a
 * bigint beyond them 64 bits wide. Throws a TypeError on what MessagePack has no form for: functions,
 * symbols, integers beyond 64 bits, more levels than MAX_DEPTH.
 */
export function encodeMsgpack(value: unknown): Uint8Array<ArrayBuffer> {
  const end = putValue(shared, 0, value, putFrameInteger)
  if (end < 0) throw new TypeError('a value that MessagePack cannot say')
  const out = shared.bytes.slice(0, end)
  if (end > KEPT_BYTES) shared.grow(0, KEPT_BYTES)
  return out
}
