import { utcMsOf } from '@meridian/time'

/** The dates whose year has four digits: from the first of these on, and before the second. */
const FIRST_MS = Date.parse('0000-01-01')
const END_MS = Date.UTC(10_000, 0, 1)

/**
 * Whether a number of UTC ms is an instant of the years 0 to 9999. A source may stamp anything, so what is
 * none is said to be none by the texts below, which throw nothing.
 */
export const isInstant = (utcMs: number): boolean => utcMs >= FIRST_MS && utcMs < END_MS

/** `14:03:22` of a UTC instant in ms. */
export const clockTextOf = (utcMs: number): string => timeOfDay(utcMs, 19)

/** `2026-11-22` of a UTC instant in ms. */
export const dateTextOf = (utcMs: number): string =>
  isInstant(utcMs) ? new Date(utcMs).toISOString().slice(0, 10) : 'no valid date'

/** The UTC time of day, with milliseconds, of an instant in TAI seconds. */
export const preciseTextOf = (taiSeconds: number): string => timeOfDay(utcMsOf(taiSeconds), 23)

const timeOfDay = (utcMs: number, end: number): string =>
  isInstant(utcMs) ? new Date(utcMs).toISOString().slice(11, end) : 'no valid time'

/** `hh:mm:ss` of an angle or time in hours. */
export function hoursTextOf(hours: number): string {
  const seconds = Math.floor(hours * 3600) % 86_400
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
}
