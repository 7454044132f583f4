import { utcMsOf } from '@meridian/time'

/** `14:03:22` of a UTC instant in ms. */
export const clockTextOf = (utcMs: number): string => new Date(utcMs).toISOString().slice(11, 19)

/** `2026-11-22` of a UTC instant in ms. */
export const dateTextOf = (utcMs: number): string => new Date(utcMs).toISOString().slice(0, 10)

/** The UTC time of day, with milliseconds, of an instant in TAI seconds. */
export const preciseTextOf = (taiSeconds: number): string =>
  new Date(utcMsOf(taiSeconds)).toISOString().slice(11, 23)

/** `hh:mm:ss` of an angle or time in hours. */
export function hoursTextOf(hours: number): string {
  const seconds = Math.floor(hours * 3600) % 86_400
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
}
