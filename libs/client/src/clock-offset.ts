import { taiSecondsOf } from '@meridian/time'

/** One look at the gateway's clock: what it said, TAI seconds, some time between two instants of ours. */
export interface ClockReading {
  readonly time: number
  readonly sentMs: number
  readonly heardMs: number
}

/** The gateway's clock minus ours, as far as readings tell. */
export interface ClockOffset {
  /** Takes a reading; returns the offset that holds now, ms. */
  measure(reading: ClockReading): number
}

/** How far two clocks may drift apart, ms per ms. Crystals do a tenth of it; a clock that is slewed half. */
const DRIFT = 0.001

/** What timers and the gateway's own work add to a reading, ms. */
const LEAST_DOUBT_MS = 1

/**
 * A gateway answers some time between question and answer, so each reading leaves a doubt of half that time.
 * A reading counts when it is at least as sure as the one that holds, which grows less sure with time, or
 * when both cannot be true: then a clock has jumped. An answer that was held up for seconds changes nothing.
 */
export function createClockOffset(): ClockOffset {
  let held: { readonly offsetMs: number; readonly doubtMs: number; readonly atMs: number } | undefined

  return {
    measure({ time, sentMs, heardMs }) {
      const halfMs = (heardMs - sentMs) / 2
      const read = {
        offsetMs: (time - taiSecondsOf(sentMs + halfMs)) * 1000,
        doubtMs: halfMs + LEAST_DOUBT_MS,
        atMs: heardMs
      }
      const doubtMs = held === undefined ? Infinity : held.doubtMs + (heardMs - held.atMs) * DRIFT
      const hasJumped = held !== undefined && Math.abs(read.offsetMs - held.offsetMs) > read.doubtMs + doubtMs
      if (held === undefined || hasJumped || read.doubtMs <= doubtMs) held = read
      return held.offsetMs
    }
  }
}
