/**
 * The least and the greatest of the numbers in each of several rows: what stored histories and live `minmax`
 * both draw a bucket from. A row is a bucket of one number, or one number of a bucket.
 */
export interface Extremes {
  /** Adds a number to a row, which begins with its first one. NaN is counted and widens nothing. */
  add(row: number, value: number): void
  /** Least and greatest of a row; undefined where it has no number but NaN. */
  rangeOf(row: number): readonly [least: number, greatest: number] | undefined
  /** How many numbers a row has had, NaN included. */
  countOf(row: number): number
  /** Rows so far: one more than the last that was added to. */
  rows(): number
}

/** Extremes without rows; they grow to the last row that a value comes for. */
export function createExtremes(): Extremes {
  const least: number[] = []
  const greatest: number[] = []
  const counts: number[] = []
  const growTo = (row: number): void => {
    while (counts.length <= row) {
      least.push(Number.POSITIVE_INFINITY)
      greatest.push(Number.NEGATIVE_INFINITY)
      counts.push(0)
    }
  }
  return {
    add(row, value) {
      if (row >= counts.length) growTo(row)
      counts[row] = (counts[row] as number) + 1
      if (value < (least[row] as number)) least[row] = value
      if (value > (greatest[row] as number)) greatest[row] = value
    },
    rangeOf(row) {
      const from = least[row] ?? Number.POSITIVE_INFINITY
      const to = greatest[row] ?? Number.NEGATIVE_INFINITY
      // Where nothing widened the row, the least still stands above the greatest.
      return from <= to ? [from, to] : undefined
    },
    countOf: row => counts[row] ?? 0,
    rows: () => counts.length
  }
}
