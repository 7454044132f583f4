import { setTimeout as sleep } from 'node:timers/promises'

/** Time limit and interval, and `what`, the description in the error. */
export interface WaitOptions {
  readonly what: string
  readonly timeoutMs?: number
  readonly everyMs?: number
}

/**
 * Calls `predicate` every 10 ms until it gives something truthy, and returns that. A throw counts as not yet.
 * Rejects after `timeoutMs` (default 30 s: only a failure takes as long) with `what` and the last error.
 */
export async function waitFor<T>(
  predicate: () => T | Promise<T>,
  { what, timeoutMs = 30_000, everyMs = 10 }: WaitOptions
): Promise<NonNullable<T>> {
  const until = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const value = await predicate()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() > until) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause })
    await sleep(everyMs)
  }
}
