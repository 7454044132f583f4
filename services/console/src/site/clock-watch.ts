import { sourceOffsetOf } from '@meridian/time'
import { steadyAheadOf } from './clock-note.ts'

/**
 * Follows the clock of one component by its latest messages. What waited on its way looks like a clock that is
 * behind: a frozen producer reads at one moment all that was said meanwhile. Therefore a clock counts as behind
 * only when messages that agree about it were received some seconds apart; ahead is told at once, since no
 * delay makes a stamp later than its receipt.
 */
export interface ClockWatch {
  /**
   * Takes the stamp of the next message and when it was received, TAI seconds; returns the difference of the
   * clock that is to be told, seconds, negative where it is behind; 0 where it is right.
   */
  take(time: number, received: number): number
}

/** Few enough that a clock which was set is believed within seconds, enough to outvote a single stamp. */
const LOOK_BACK = 8
/** Messages of one clock differ less than this, seconds. */
const AGREE_S = 1.5
/** What was held back is read within less than this, seconds. */
const APART_S = 3

interface Reading {
  readonly aheadSeconds: number
  readonly received: number
}

/** True when the messages that say `aheadSeconds` were not all received at about the same moment. */
function isSteady(readings: readonly Reading[], aheadSeconds: number): boolean {
  const agreeing = readings.filter(one => Math.abs(one.aheadSeconds - aheadSeconds) <= AGREE_S)
  const moments = agreeing.map(({ received }) => received)
  return Math.max(...moments) - Math.min(...moments) >= APART_S
}

/** A watch that has seen no message: it tells of nothing. */
export function createClockWatch(): ClockWatch {
  let readings: readonly Reading[] = []
  let told = 0
  return {
    take(time, received) {
      const aheadSeconds = time - received
      if (!Number.isFinite(aheadSeconds)) return told
      readings = [...readings.slice(1 - LOOK_BACK), { aheadSeconds, received }]
      const { median } = sourceOffsetOf(readings.map(reading => reading.aheadSeconds))
      const next = steadyAheadOf(told, median)
      if (next >= 0 || isSteady(readings, median)) told = next
      return told
    }
  }
}
