import { putMapHead } from './put-number.ts'
import { bodyAt, skipValue } from './walk.ts'

/** A choice of fields by name, ready to be looked for in bytes. */
export interface Projection {
  readonly names: readonly string[]
  /** The names as UTF-8, by their number of bytes. */
  readonly keys: ReadonlyMap<number, readonly Uint8Array[]>
}

/** Makes a projection, once for however many messages. */
export function createProjection(names: Iterable<string>): Projection {
  const utf8 = new TextEncoder()
  const distinct = [...new Set(names)]
  const keys = new Map<number, Uint8Array[]>()
  for (const key of distinct.map(name => utf8.encode(name)))
    keys.set(key.length, [...(keys.get(key.length) ?? []), key])
  return { names: distinct, keys }
}

/**
 * The wanted fields of a map, their bytes untouched and in their order, as a map of its own.
 * `bytes[start..end)` must have passed `checkFields`; the result belongs to the caller.
 */
export function projectFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  { keys }: Projection
): Uint8Array {
  const kept: number[] = []
  let size = 0
  for (let at = bodyAt(bytes, start); at < end; ) {
    const valueAt = skipValue(bytes, at, end, 0)
    const next = skipValue(bytes, valueAt, end, 0)
    if (isWanted(keys, bytes, bodyAt(bytes, at), valueAt)) {
      kept.push(at, next)
      size += next - at
    }
    at = next
  }
  return mapOf(bytes, kept, size)
}

function isWanted(keys: Projection['keys'], bytes: Uint8Array, from: number, to: number): boolean {
  const candidates = keys.get(to - from)
  if (candidates !== undefined) for (const key of candidates) if (isEqual(key, bytes, from)) return true
  return false
}

/** Compares from the end, where the names of a topic differ soonest. */
function isEqual(key: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = key.length - 1; i >= 0; i--) if (key[i] !== bytes[from + i]) return false
  return true
}

const MOST_HEAD_BYTES = 5
const head = new Uint8Array(MOST_HEAD_BYTES)

/** A map of pairs that stand at `kept[0]..kept[1]`, `kept[2]..kept[3]` and so on. */
function mapOf(bytes: Uint8Array, kept: readonly number[], size: number): Uint8Array {
  const headBytes = putMapHead(head, 0, kept.length / 2)
  const out = new Uint8Array(headBytes + size)
  let at = putMapHead(out, 0, kept.length / 2)
  for (let i = 0; i < kept.length; i += 2) {
    const from = kept[i] as number
    const to = kept[i + 1] as number
    out.set(bytes.subarray(from, to), at)
    at += to - from
  }
  return out
}
