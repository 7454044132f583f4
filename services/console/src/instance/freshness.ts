/** Telemetry without a known rate is called stale after this long. */
const STALE_AFTER_MS = 10_000
/** So many missing messages make telemetry of a known rate stale, and never less time than `LEAST_MS`. */
const MISSED = 5
const LEAST_MS = 3000

/** How old telemetry may grow before it is stale, ms. Events have no such age: they are sent on change. */
export const staleAfterMs = (rateHz: number | undefined): number =>
  rateHz === undefined || rateHz <= 0 ? STALE_AFTER_MS : Math.max(LEAST_MS, (MISSED * 1000) / rateHz)
