import { LOG_EVERY_MS } from './timing.ts'

/**
 * Runs `write` unless it ran for the same `what` and `about` within the time; `times` says how often it was
 * due since it ran last, this time included. `what` is one of a few reasons; `about` may be anything that
 * others name, such as a subject: where they name too many, they share one line for each reason.
 */
export type Rarely = (what: string, write: (times: number) => void, about?: string) => void

/** How often, and a clock that only goes forward. */
export interface RarelyOptions {
  /** Time between two of the same; default 5 s. */
  readonly everyMs?: number
  /** Default `performance.now()`. */
  readonly nowMs?: () => number
}

interface Limit {
  ranMs: number
  times: number
}

/** Subjects and names that have a line of their own at a time. */
const MAX_LIMITS = 200

/** Makes a limit for lines of a log that may be due with every message; metrics count all of them. */
export function createRarely({
  everyMs = LOG_EVERY_MS,
  nowMs = () => performance.now()
}: RarelyOptions = {}): Rarely {
  const limits = new Map<string, Limit>()

  function forgetOld(atMs: number): void {
    for (const [key, { ranMs }] of limits) if (atMs - ranMs >= everyMs) limits.delete(key)
  }

  function limitOf(what: string, about: string, atMs: number): Limit {
    const own = limits.get(`${what} ${about}`)
    if (own !== undefined) return own
    if (limits.size >= MAX_LIMITS) forgetOld(atMs)
    const key = limits.size < MAX_LIMITS ? `${what} ${about}` : `${what} `
    const limit = limits.get(key) ?? { ranMs: Number.NEGATIVE_INFINITY, times: 0 }
    limits.set(key, limit)
    return limit
  }

  return (what, write, about = '') => {
    const atMs = nowMs()
    const limit = limitOf(what, about, atMs)
    limit.times++
    if (atMs - limit.ranMs < everyMs) return
    const { times } = limit
    limit.ranMs = atMs
    limit.times = 0
    write(times)
  }
}
