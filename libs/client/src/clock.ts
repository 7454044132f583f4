/** Time as the client needs it; tests hold it still. */
export interface Clock {
  /** UTC milliseconds, as `Date.now()`. */
  nowMs(): number
  /** Calls `run` once; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The default clock: `Date.now` and `setTimeout`. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}
