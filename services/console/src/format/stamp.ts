import { utcMsOf } from '@meridian/time'

/** `14:03:22` of a UTC instant in ms. */
export const clockTextOf = (utcMs: number): string => new Date(utcMs).toISOString().slice(11, 19)

/** `2026-11-22` of a UTC instant in ms. */
export const dateTextOf = (utcMs: number): string => new Date(utcMs).toISOString().slice(0, 10)

/**
 * The UTC time of day, with milliseconds, of an instant in TAI seconds. A source may stamp anything: what is
 * no instant of the years 0 to 9999 is said to be none, and throws nothing.
 */
export function preciseTextOf(taiSeconds: number): string {
  const utcMs = utcMsOf(taiSeconds)
  return utcMs >= FIRST_MS && utcMs < END_MS ? new Date(utcMs).toISOString().slice(11, 23) : 'no valid time'
}

/** The dates whose year has four digits: from the first of these on, and before the second. */
const FIRST_MS = Date.parse('0000-01-01')
const END_MS = Date.UTC(10_000, 0, 1)

/** `hh:mm:ss` of an angle or time in hours. */
export function hoursTextOf(hours: number): string {
  const seconds = Math.floor(hours * 3600) % 86_400
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
}
