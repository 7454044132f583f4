/** Retries wait 100 ms, doubling up to 5 s, each between half and all of it, so that processes do not move in step. */
export interface Backoff {
  /** The next wait, ms. */
  nextMs(): number
  /** Begins anew after a success. */
  reset(): void
}

/** Makes a back-off. */
export function createBackoff({ firstMs = 100, mostMs = 5_000 } = {}): Backoff {
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
