import type { AuthEvent } from '../users/auth-event.ts'

/** Refusals of one kind, user and address since the first one was told. */
export interface RefusalSum {
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

/** Kinds, users and addresses that are told apart in a minute; all others are summed as one of each kind. */
const MOST_KEYS = 1_000

/** Makes empty sums; who uses them takes them each minute. */
export function createRefusalSums(): RefusalSums {
  const sums = new Map<string, { readonly event: AuthEvent; times: number }>()
  const others = ({ what, code }: AuthEvent): AuthEvent => ({ what, ...(code !== undefined && { code }) })
  return {
    isFirst(event) {
      const known = sums.get(keyOf(event))
      const told = known !== undefined || sums.size < MOST_KEYS ? event : others(event)
      const sum = sums.get(keyOf(told))
      if (sum === undefined) sums.set(keyOf(told), { event: told, times: 0 })
      else sum.times++
      return sum === undefined
    },
    take() {
      const counted = [...sums.values()].filter(({ times }) => times > 0)
      sums.clear()
      return counted
    }
  }
}

const keyOf = ({ what, name, by, address, code }: AuthEvent): string =>
  JSON.stringify([what, name, by, address, code])
