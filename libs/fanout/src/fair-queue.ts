/** For whom something waits: its principal, then its connection or address. */
export type Asker = readonly [principal: string, from: string]

/** Where askers are not told apart. */
export const EVERYBODY: Asker = ['', '']

/** One that waits. `due` orders those of the same asker: the smallest goes first, equal ones as they came. */
export interface Waiter {
  readonly asker: Asker
  readonly due: number
}

/**
 * What waits, taken in turns: principals take turns, the connections of one principal take turns among
 * themselves. However much one of them puts in, whoever else comes waits for one of each at most.
 */
export interface FairQueue<W extends Waiter> {
  readonly size: number
  add(waiter: W): void
  /** Takes out the one whose turn it is. */
  take(): W | undefined
  /** Takes this one out; false where it is not in. */
  remove(waiter: W): boolean
  /**
   * The one that would be taken last of the principal that has most, and there of the connection that has
   * most, where that is more than `asker` would have with one more; undefined where nobody has more.
   */
  lastOfGreedier(asker: Asker): W | undefined
}

interface Line<W> {
  readonly name: string
  readonly waiters: W[]
}

interface Group<W> {
  count: number
  /** In the order in which they have their turns. */
  readonly lines: Map<string, Line<W>>
}

/** A queue in which nobody waits; principals take turns, and within one its addresses do. */
export function createFairQueue<W extends Waiter>(): FairQueue<W> {
  const groups = new Map<string, Group<W>>()
  let size = 0

  /** Takes a waiter out of its line, and the line or group that has no other. */
  const takeOut = ({ asker: [principal, from] }: W, line: Line<W>, index: number): W => {
    const group = groups.get(principal) as Group<W>
    const [taken] = line.waiters.splice(index, 1) as [W]
    size--
    group.count--
    if (line.waiters.length === 0) group.lines.delete(from)
    if (group.count === 0) groups.delete(principal)
    return taken
  }

  return {
    get size() {
      return size
    },
    add(waiter) {
      const [principal, from] = waiter.asker
      const group = madeIn(groups, principal, () => ({ count: 0, lines: new Map() }))
      const { waiters } = madeIn(group.lines, from, () => ({ name: from, waiters: [] }))
      waiters.splice(placeOf(waiters, waiter.due), 0, waiter)
      group.count++
      size++
    },
    take() {
      const [next] = groups
      if (next === undefined) return undefined
      const [principal, group] = next
      const [line] = group.lines.values() as Iterable<Line<W>>
      if (line === undefined) return undefined
      toTheEnd(groups, principal, group)
      toTheEnd(group.lines, line.name, line)
      return takeOut(line.waiters[0] as W, line, 0)
    },
    remove(waiter) {
      const [principal, from] = waiter.asker
      const line = groups.get(principal)?.lines.get(from)
      const index = line?.waiters.indexOf(waiter) ?? -1
      if (line === undefined || index < 0) return false
      takeOut(waiter, line, index)
      return true
    },
    lastOfGreedier([principal, from]) {
      const group = largest(groups.values(), ({ count }) => count)
      const own = groups.get(principal)
      if (group === undefined || (group !== own && group.count <= (own?.count ?? 0) + 1)) return undefined
      const line = largest(group.lines.values(), ({ waiters }) => waiters.length)
      const ownLength = group === own ? (own.lines.get(from)?.waiters.length ?? 0) : 0
      if (line === undefined || (group === own && line.waiters.length <= ownLength + 1)) return undefined
      return line.waiters.at(-1)
    }
  }
}

function madeIn<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** A map keeps the order in which its keys were put in. */
function toTheEnd<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
}

function largest<T>(items: Iterable<T>, sizeOf: (item: T) => number): T | undefined {
  let found: T | undefined
  for (const item of items) if (found === undefined || sizeOf(item) > sizeOf(found)) found = item
  return found
}

/** Where one with this `due` belongs: behind all that are due no later. */
function placeOf(waiters: readonly Waiter[], due: number): number {
  let low = 0
  let high = waiters.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((waiters[middle] as Waiter).due <= due) low = middle + 1
    else high = middle
  }
  return low
}
