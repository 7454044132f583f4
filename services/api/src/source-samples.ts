import { correctedTimeOf, type SourceOffset, sourceOffsetOf } from '@meridian/time'
import type { StampedValue, Values } from './values.ts'

/** A value at the time to show it at, TAI seconds. */
export interface TimedValue {
  readonly time: number
  readonly value: number
}

/** The values of one source by the clock of that source [libs/time, source-clock.ts]. */
export interface SourceSamples {
  readonly clock: SourceOffset
  /** What is not set aside, in the order of the collection. */
  readonly values: readonly TimedValue[]
  /** How many that were received between the bounds are set aside. */
  readonly setAside: number
}

/** Judges values by the clock that they share; what was set aside is counted from `from` to `to`. */
export function bySourceClock(
  collected: Pick<Values, 'forEach'>,
  { from, to }: { readonly from: number; readonly to: number }
): SourceSamples {
  const differences: number[] = []
  collected.forEach(({ source, received }) => {
    if (Number.isFinite(source - received)) differences.push(source - received)
  })
  const clock = sourceOffsetOf(Float64Array.from(differences))
  const values: TimedValue[] = []
  let setAside = 0
  collected.forEach(({ source, received, value }) => {
    const time = correctedTimeOf(source, received, clock)
    if (time !== undefined) values.push({ time, value })
    else if (received >= from && received <= to) setAside++
  })
  return { clock, values, setAside }
}

/** When to show a single value of a source: where its own stamp is set aside, at its time of receipt. */
export const timeBy = (clock: SourceOffset, { source, received }: Omit<StampedValue, 'value'>): number =>
  correctedTimeOf(source, received, clock) ?? received

/** Samples that the usual interval is taken from: the newest ones. */
const INTERVAL_SAMPLES = 1_000
const LEAST_SAMPLES = 3

/** The median of the seconds between samples; undefined with fewer than three. */
export function usualIntervalOf(values: readonly TimedValue[]): number | undefined {
  const times = Float64Array.from(values.slice(0, INTERVAL_SAMPLES), ({ time }) => time).sort()
  if (times.length < LEAST_SAMPLES) return undefined
  const steps = times.subarray(1).map((time, i) => time - (times[i] as number))
  return steps.sort()[steps.length >> 1]
}
