/** The least and the greatest of some numbers, and how many there are. */
export interface Extremes {
  readonly low: number
  readonly high: number
  readonly count: number
}

/**
 * The extremes of what is a finite number among `values`, however long the array is: spreading one into
 * `Math.min` throws beyond some hundred thousand. `low` is Infinity and `high` -Infinity where there is none.
 */
export function extremesOf(values: Iterable<unknown>): Extremes {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let count = 0
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
    count++
  }
  return { low, high, count }
}
