/**
 * A source's clock may run ahead or behind, and single samples may carry a stamp that is far off. The
 * difference between the stamp of the source and the time of receipt tells the two apart: what most samples
 * share is the clock, what single samples have is an outlier. History and live lines follow this one rule, so
 * that a plot shows the same before and after it is loaded anew [adr/0009].
 */

/** Seconds by which a clock may be off and still counts as right, and a sample may differ from its clock. */
export const CLOCK_TOLERANCE_SECONDS = 10

/** How far the clock of a source is off. */
export interface SourceOffset {
  /** Median of source stamp minus time of receipt, seconds; positive: the clock is ahead. 0 without samples. */
  readonly median: number
  /** Seconds to subtract from a source stamp: the median where it is beyond 10 s, otherwise 0. */
  readonly offset: number
}

/** Follows the clock of one source from sample to sample. */
export interface SourceClock {
  /**
   * Takes the stamps of the next sample, TAI seconds, and gives the time to show it at: the source stamp minus
   * the offset. Undefined where the sample is set aside: its stamp is more than 10 s from what the clock says.
   */
  take(sourceSeconds: number, receivedSeconds: number): number | undefined
  /** As of the last samples taken. */
  current(): SourceOffset
  /** How many samples were set aside. */
  setAside(): number
}

const LOOK_BACK = 64

/** The offset from the differences `source - received` of samples, in any order; sorts them in place. */
export function sourceOffsetOf(differences: Float64Array | number[]): SourceOffset {
  differences.sort((a: number, b: number) => a - b)
  return offsetFromSorted(differences)
}

/**
 * The time to show a sample at, by its stamps and the offset of its source, TAI seconds; undefined where it
 * is to be set aside.
 */
export function correctedTimeOf(
  sourceSeconds: number,
  receivedSeconds: number,
  { median, offset }: SourceOffset
): number | undefined {
  const isNear = Math.abs(sourceSeconds - receivedSeconds - median) <= CLOCK_TOLERANCE_SECONDS
  return isNear ? sourceSeconds - offset : undefined
}

/** Creates a clock that judges by the last `lookBack` samples, default 64; the one that is taken is one of them. */
export function createSourceClock(lookBack = LOOK_BACK): SourceClock {
  const sorted: number[] = []
  const recent: number[] = []
  let next = 0
  let current: SourceOffset = { median: 0, offset: 0 }
  let setAside = 0
  return {
    take(sourceSeconds, receivedSeconds) {
      const difference = sourceSeconds - receivedSeconds
      if (!Number.isFinite(difference)) {
        setAside++
        return undefined
      }
      if (recent.length === lookBack) sorted.splice(positionIn(sorted, recent[next] as number), 1)
      recent[next] = difference
      next = (next + 1) % lookBack
      sorted.splice(positionIn(sorted, difference), 0, difference)
      current = offsetFromSorted(sorted)
      const time = correctedTimeOf(sourceSeconds, receivedSeconds, current)
      if (time === undefined) setAside++
      return time
    },
    current: () => current,
    setAside: () => setAside
  }
}

/** Of two middle ones the one nearer to zero counts: a mean of the two may be near no sample at all. */
function offsetFromSorted(sorted: ArrayLike<number>): SourceOffset {
  const low = sorted[(sorted.length - 1) >> 1] ?? 0
  const high = sorted[sorted.length >> 1] ?? 0
  const median = Math.abs(high) < Math.abs(low) ? high : low
  return { median, offset: Math.abs(median) > CLOCK_TOLERANCE_SECONDS ? median : 0 }
}

/** First position in an ascending list whose value is not below `value`. */
function positionIn(sorted: readonly number[], value: number): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((sorted[middle] as number) < value) from = middle + 1
    else to = middle
  }
  return from
}
