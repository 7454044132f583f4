import type { HistoryBucket } from '@meridian/protocol/http'

/** Gathers values into buckets of equal width. */
export interface Buckets {
  /** Adds one value; NaN and times outside the range are ignored. */
  add(time: number, value: number): void
  /**
   * The buckets that have values, oldest first. Infinities become the greatest finite number, because JSON
   * has none.
   */
  list(): readonly HistoryBucket[]
}

/** Creates `points` empty buckets from `from` to `to`, TAI seconds; the last one holds `to` itself. */
export function createBuckets(from: number, to: number, points: number): Buckets {
  const width = (to - from) / points
  const min = new Float64Array(points).fill(Number.POSITIVE_INFINITY)
  const max = new Float64Array(points).fill(Number.NEGATIVE_INFINITY)
  const count = new Uint32Array(points)
  return {
    add(time, value) {
      if (!(time >= from && time <= to) || Number.isNaN(value)) return
      const at = Math.min(points - 1, Math.floor((time - from) / width))
      if (value < (min[at] as number)) min[at] = value
      if (value > (max[at] as number)) max[at] = value
      count[at] = (count[at] as number) + 1
    },
    list() {
      const buckets: HistoryBucket[] = []
      for (let at = 0; at < points; at++)
        if (count[at] !== 0)
          buckets.push([
            from + at * width,
            finite(min[at] as number),
            finite(max[at] as number),
            count[at] as number
          ])
      return buckets
    }
  }
}

const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
