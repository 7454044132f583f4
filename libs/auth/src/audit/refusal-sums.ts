import { addressGroupOf } from '@meridian/service'
import type { AuthEvent } from '../users/auth-event.ts'

/** Refusals of one kind, user and address since the first one was told. */
export interface RefusalSum {
  /** As the first one was; what was asked for is that of all, the first five. */
  readonly event: AuthEvent
  readonly times: number
}

/** Sums refusals, so that whoever tries and tries cannot fill the audit. */
export interface RefusalSums {
  /** Whether this one is the first of its kind in this minute, to be told at once; the others are counted. */
  isFirst(event: AuthEvent): boolean
  /** What was counted beside the first ones, and forgets it: the next of each kind is a first one again. */
  take(): readonly RefusalSum[]
}

/**
 * Kinds, users and addresses that are told apart: so many at first, and so many more each minute. All others are summed as
 * one of each kind: whoever has thousands of addresses, for days, still cannot fill the stream.
 */
const ROOM = { most: 1_000, eachMinute: 10 } as const
/** What was asked for, of a sum. */
const MOST_ABOUT = 5

interface Counted {
  readonly event: AuthEvent
  readonly about: Set<string>
  times: number
}

/** Makes empty sums; who uses them takes them each minute. */
export function createRefusalSums(): RefusalSums {
  const sums = new Map<string, Counted>()
  let room: number = ROOM.most
  const others = ({ what, code }: AuthEvent): AuthEvent => ({ what, ...(code !== undefined && { code }) })
  function countedOf(event: AuthEvent): Counted | undefined {
    const known = sums.get(keyOf(event))
    if (known !== undefined || room > 0) return known
    return sums.get(keyOf(others(event)))
  }
  function begin(event: AuthEvent): void {
    const told = room > 0 ? event : others(event)
    room = Math.max(0, room - 1)
    sums.set(keyOf(told), { event: told, about: new Set(), times: 0 })
  }
  return {
    isFirst(event) {
      const counted = countedOf(event)
      if (counted === undefined) begin(event)
      else count(counted, event)
      return counted === undefined
    },
    take() {
      const counted = [...sums.values()].filter(({ times }) => times > 0)
      sums.clear()
      room = Math.min(ROOM.most, room + ROOM.eachMinute)
      return counted.map(sumOf)
    }
  }
}

function count(counted: Counted, { about = [] }: AuthEvent): void {
  counted.times++
  for (const one of about) if (counted.about.size < MOST_ABOUT) counted.about.add(one)
}

function sumOf({ event, about: asked, times }: Counted): RefusalSum {
  const { about: _first, ...alike } = event
  return { event: { ...alike, ...(asked.size > 0 && { about: [...asked] }) }, times }
}

/** Whoever has one network of IPv6 has as many addresses as he likes: it counts as one. */
const keyOf = ({ what, name, by, address, door, code }: AuthEvent): string =>
  JSON.stringify([what, name, by, address === undefined ? undefined : addressGroupOf(address), door, code])
