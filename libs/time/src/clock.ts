import { taiSecondsOf } from './tai.ts'

/** The one source of time; passed in, so that tests can hold it still. */
export interface Clock {
  /** UTC milliseconds since 1970, as `Date.now()`. */
  nowMs(): number
  /**
   * Milliseconds that only go forward: UTC when the process began, counted on from there whatever is done to
   * the machine's clock. For ages and waits.
   */
  steadyMs(): number
  /** TAI seconds since 1970, as SAL stamps are. */
  taiSeconds(): number
}

/** The clock of the machine; tests pass one of their own. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.timeOrigin + performance.now(),
  taiSeconds: () => taiSecondsOf(Date.now())
}
