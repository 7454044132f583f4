import { BACKOFF_FIRST_MS, BACKOFF_MOST_MS } from './timing.ts'

/**
 * Retries wait 100 ms, doubling up to 5 s, each between half and all of it, so that processes do not move in
 * step.
 */
export interface Backoff {
  /** How long to wait before the next try, ms; the one after it is twice as long. */
  nextMs(): number
  /** Starts again from the shortest delay, after a success. */
  reset(): void
}

/** A back-off that has not waited yet; the defaults are 100 ms and 5 s. */
export function createBackoff({ firstMs = BACKOFF_FIRST_MS, mostMs = BACKOFF_MOST_MS } = {}): Backoff {
  let waitMs = firstMs
  return {
    nextMs() {
      const now = waitMs
      waitMs = Math.min(mostMs, waitMs * 2)
      return now * (0.5 + Math.random() / 2)
    },
    reset() {
      waitMs = firstMs
    }
  }
}
