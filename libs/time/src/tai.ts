/**
 * TAI minus UTC, in seconds, by the UTC instant (ms) from which it holds. SAL stamps are TAI; clocks of
 * computers are UTC. The last leap second was that of 2016-12-31 [IERS Bulletin C]; a new one is one more row
 * here.
 */
const steps: ReadonlyArray<readonly [fromUtcMs: number, offsetSeconds: number]> = [
  [Date.UTC(2017, 0, 1), 37],
  [Date.UTC(2015, 6, 1), 36],
  [Date.UTC(2012, 6, 1), 35],
  [Date.UTC(2009, 0, 1), 34],
  [Date.UTC(2006, 0, 1), 33],
  [Date.UTC(1999, 0, 1), 32]
]

/** TAI - UTC in seconds at a UTC instant in ms. Instants before 1999 get 1999's value. */
export function taiMinusUtcSeconds(utcMs: number): number {
  for (const [from, offset] of steps) if (utcMs >= from) return offset
  return 32
}

/** TAI seconds since 1970 of a UTC instant in ms. */
export const taiSecondsOf = (utcMs: number): number => utcMs / 1000 + taiMinusUtcSeconds(utcMs)

/** UTC ms since 1970 of an instant in TAI seconds. */
export function utcMsOf(taiSeconds: number): number {
  const guess = (taiSeconds - 37) * 1000
  return (taiSeconds - taiMinusUtcSeconds(guess)) * 1000
}

/** The observing day, `YYYYMMDD`: the date of TAI minus 12 h [docs/sal.md#time]. */
export function observingDayOf(taiSeconds: number): string {
  return new Date((taiSeconds - 12 * 3600) * 1000).toISOString().slice(0, 10).replaceAll('-', '')
}
