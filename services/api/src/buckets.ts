import type { HistoryBucket, HistoryExtreme } from '@meridian/protocol/http'
import { createExtremes } from '@meridian/sample'

/** Gathers values into buckets of equal width. */
export interface Buckets {
  /** Adds one value; a time outside the range is ignored. NaN is counted and widens nothing. */
  add(time: number, value: number): void
  /** The buckets that have values, oldest first. */
  list(): readonly HistoryBucket[]
}

/** Narrower ones would have the same start: TAI seconds of today are exact to a quarter of a microsecond. */
const LEAST_WIDTH_SECONDS = 1e-6

/**
 * Creates `points` empty buckets from `from` to `to`, TAI seconds, fewer where they would be narrower than a
 * microsecond; the last one holds `to` itself.
 */
export function createBuckets(from: number, to: number, points: number): Buckets {
  const size = Math.max(1, Math.min(points, Math.floor((to - from) / LEAST_WIDTH_SECONDS)))
  const width = (to - from) / size
  const extremes = createExtremes()
  return {
    add(time, value) {
      if (!(time >= from && time <= to)) return
      extremes.add(Math.min(size - 1, Math.floor((time - from) / width)), value)
    },
    list() {
      const buckets: HistoryBucket[] = []
      for (let at = 0; at < extremes.rows(); at++) {
        const count = extremes.countOf(at)
        if (count > 0) buckets.push([from + at * width, ...namesOf(extremes.rangeOf(at)), count])
      }
      return buckets
    }
  }
}

const namesOf = (range: readonly [number, number] | undefined): [HistoryExtreme, HistoryExtreme] =>
  range === undefined ? [null, null] : [extremeOf(range[0]), extremeOf(range[1])]

/** A number that is not NaN, an infinity as JSON has it. */
export function extremeOf(value: number): Exclude<HistoryExtreme, null> {
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}
