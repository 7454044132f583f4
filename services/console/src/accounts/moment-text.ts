import { utcMsOf } from '@meridian/time'
import { clockTextOf, dateTextOf } from '../format/stamp.ts'

/** Date and time of day, UTC, of an instant in TAI seconds that our own api told. */
export function momentText(taiSeconds: number): string {
  const utcMs = utcMsOf(taiSeconds)
  return `${dateTextOf(utcMs)} ${clockTextOf(utcMs)}`
}
