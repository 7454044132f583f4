/** Time as the client needs it; tests hold it still. */
export interface Clock {
  /**
   * Milliseconds that never jump: UTC when the program began, counted on from there whatever is done to the
   * machine's clock. Some systems stop it while they sleep.
   */
  nowMs(): number
  /** UTC milliseconds by the machine's clock, as `Date.now()`: it jumps when the clock is set or slept. */
  wallMs(): number
  /** Calls `run` once; returns what cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The default clock: `performance`, `Date.now` and `setTimeout`. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  wallMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}
