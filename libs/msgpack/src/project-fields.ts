import { putMapHead } from './put-number.ts'
import { bodyAt, skipValue } from './walk.ts'

/** A choice of fields by name, ready to be looked for in bytes. */
export interface Projection {
  readonly names: readonly string[]
  /**
   * The names as UTF-8, by their number of bytes. Names of one length stand one after the other, sorted by their
   * bytes from the last to the first: the names of a topic differ soonest at their end.
   */
  readonly keys: ReadonlyMap<number, Uint8Array>
}

/** Makes a projection, once for however many messages. */
export function createProjection(names: Iterable<string>): Projection {
  const utf8 = new TextEncoder()
  const distinct = [...new Set(names)]
  const byLength = new Map<number, Uint8Array[]>()
  for (const key of distinct.map(name => utf8.encode(name))) {
    const same = byLength.get(key.length)
    if (same === undefined) byLength.set(key.length, [key])
    else same.push(key)
  }
  const keys = new Map<number, Uint8Array>()
  for (const [length, same] of byLength) keys.set(length, joinSorted(length, same))
  return { names: distinct, keys }
}

function joinSorted(length: number, keys: Uint8Array[]): Uint8Array {
  keys.sort((a, b) => compareFromEnd(a, 0, b, 0, length))
  const joined = new Uint8Array(length * keys.length)
  for (const [place, key] of keys.entries()) joined.set(key, place * length)
  return joined
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

/** Whether `bytes[from..to)` is one of the names; binary search, since a client may choose thousands. */
function isWanted(keys: Projection['keys'], bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from
  const sorted = keys.get(length)
  if (sorted === undefined || length === 0) return sorted !== undefined
  let low = 0
  let high = sorted.length / length
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareFromEnd(sorted, middle * length, bytes, from, length)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}

/** Below 0, 0 or above 0, as `a[atA..]` comes before `b[atB..]`, is the same or comes after it. */
function compareFromEnd(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): number {
  for (let i = length - 1; i >= 0; i--) {
    const difference = (a[atA + i] as number) - (b[atB + i] as number)
    if (difference !== 0) return difference
  }
  return 0
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
