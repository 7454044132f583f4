import {
  correctedTimeOf,
  createSourceClock,
  type SourceClockState,
  type SourceOffset,
  type SourceStamps
} from '@meridian/time'
import type { StampedValue, Values } from './values.ts'

/** A value at the time to show it at, TAI seconds. */
export interface TimedValue {
  readonly time: number
  readonly value: number
}

/** The values of one source by the clock of that source [libs/time, source-clock.ts]. */
export interface SourceSamples {
  /** As of the last value. */
  readonly clock: SourceOffset
  /** What the judge knows at the end, so that a line that is live can go on from there. */
  readonly state: SourceClockState<StampedValue>
  /** What is not set aside, about in the order of the stream. */
  readonly values: readonly TimedValue[]
  /** How many that were received between the bounds are set aside. */
  readonly setAside: number
}

/** Judges values as a live line does; what was set aside is counted from `from` to `to`. */
export function bySourceClock(
  collected: Pick<Values, 'forEach'>,
  { from, to }: { readonly from: number; readonly to: number }
): SourceSamples {
  const values: TimedValue[] = []
  let setAside = 0
  const isCounted = ({ received }: StampedValue): boolean => received >= from && received <= to
  const judge = createSourceClock<StampedValue>((stamped, time) => {
    values.push({ time, value: stamped.value })
    if (isCounted(stamped)) setAside--
  })
  collected.forEach(stamped => {
    const time = judge.take(stamped)
    if (time !== undefined) values.push({ time, value: stamped.value })
    else if (isCounted(stamped)) setAside++
  })
  return { clock: judge.current(), state: judge.state(), values, setAside }
}

/** When to show a single value of a source: where its own stamp is set aside, at its time of receipt. */
export const timeBy = (clock: SourceOffset, stamps: SourceStamps): number =>
  correctedTimeOf(stamps, clock) ?? stamps.received

/** Samples that the usual interval is taken from: the newest ones. */
const INTERVAL_SAMPLES = 1_000
const LEAST_SAMPLES = 3

/** The median of the seconds between samples; undefined with fewer than three. */
export function usualIntervalOf(values: readonly TimedValue[]): number | undefined {
  const times = Float64Array.from(values.slice(-INTERVAL_SAMPLES), ({ time }) => time).sort()
  if (times.length < LEAST_SAMPLES) return undefined
  const steps = times.subarray(1).map((time, i) => time - (times[i] as number))
  return steps.sort()[steps.length >> 1]
}
