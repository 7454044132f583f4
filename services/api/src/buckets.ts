import type { HistoryBucket, HistoryExtreme } from '@meridian/protocol/http'

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
  const min = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  const max = new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
  const count = new Uint32Array(size)
  return {
    add(time, value) {
      if (!(time >= from && time <= to)) return
      const at = Math.min(size - 1, Math.floor((time - from) / width))
      count[at] = (count[at] as number) + 1
      if (value < (min[at] as number)) min[at] = value
      if (value > (max[at] as number)) max[at] = value
    },
    list() {
      const buckets: HistoryBucket[] = []
      for (let at = 0; at < size; at++)
        if (count[at] !== 0)
          buckets.push([
            from + at * width,
            ...extremesOf(min[at] as number, max[at] as number),
            count[at] as number
          ])
      return buckets
    }
  }
}

/** Where all values are NaN, both stand as they began: the least above the greatest. */
const extremesOf = (min: number, max: number): [HistoryExtreme, HistoryExtreme] =>
  min > max ? [null, null] : [extremeOf(min), extremeOf(max)]

/** A number that is not NaN, an infinity as JSON has it. */
export function extremeOf(value: number): Exclude<HistoryExtreme, null> {
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}
