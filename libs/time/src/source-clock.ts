/**
 * A source's clock may run ahead or behind, and single samples may carry a stamp that is far off. The
 * difference between the stamp of the source and the time of receipt tells the two apart: what most samples
 * share is the clock, what single samples have is an outlier. History and live lines go through this one
 * judge, sample by sample in the order of the stream, so that a plot shows the same before and after it is
 * loaded anew [adr/0009].
 *
 * The judge keeps a window of the last 64 differences; their median is the clock. A sample near the median is
 * shown. One that is far from it is set aside and waits: whenever the median moves it is judged again, and it
 * is given up once 64 further differences have come. So a clock that jumps loses nothing: the first samples
 * after the jump are shown as soon as most of the window agrees with them. What a frozen broker or producer held
 * back loses nothing either: it is read together with samples that are in time, and its stamps lie between the
 * last sample shown before and those, where an outlier's or a wrong clock's do not.
 */

/** Seconds by which a clock may be off and still counts as right, and a sample may differ from its clock. */
export const CLOCK_TOLERANCE_SECONDS = 10

/** Seconds by which source stamp and time of receipt may differ and still count as one time, here and on the wire. */
const SAME_TIME_SECONDS = 1

/** How far the clock of a source is off. */
export interface SourceOffset {
  /** Median of source stamp minus time of receipt, seconds; positive: the clock is ahead. 0 without samples. */
  readonly median: number
  /** Seconds to subtract from a source stamp: the median where it is beyond 10 s, otherwise 0. */
  readonly offset: number
}

/** The stamps of a sample, TAI seconds: by the clock of its source, and by ours when it came. */
export interface SourceStamps {
  readonly source: number
  readonly received: number
}

/** A sample that was set aside and may still be shown. */
export interface WaitingSample<S> {
  readonly sample: S
  /** How many differences have entered the window since. */
  readonly age: number
}

/** All that a judge knows, so that another one can go on in its place. */
export interface SourceClockState<S> {
  /** Source stamp minus time of receipt of the last samples, oldest first, seconds. */
  readonly differences: readonly number[]
  /** Time of receipt of the newest of them, TAI seconds; 0: there is none. */
  readonly lastReceived: number
  /** The time that the last sample was shown at as it was taken, TAI seconds; 0: there is none. */
  readonly shownUpTo: number
  readonly waiting: ReadonlyArray<WaitingSample<S>>
}

/** Follows the clock of one source from sample to sample. */
export interface SourceClock<S> {
  /**
   * Takes the next sample and gives the time to show it at, TAI seconds: the source stamp minus the offset.
   * Undefined where the sample is set aside: its stamp is more than 10 s from what the clock says, or no number.
   */
  take(sample: S): number | undefined
  /** As of the last samples taken. */
  current(): SourceOffset
  state(): SourceClockState<S>
}

const LOOK_BACK = 64

/**
 * Only one sample in so many seconds of receipt enters the window. What a frozen broker held back is read within
 * a moment: however many samples it is, it says nothing of the clock.
 */
const SPACING_SECONDS = 0.1

/** What was held back is read within so many seconds of the first sample that is in time. */
const HELD_BACK_SECONDS = 3

/** Samples that wait at most; beyond it the oldest is given up. A source of 200 Hz fills it within a window. */
const MOST_WAITING = 1_300

/** The offset from the differences `source - received` of samples, in any order; sorts them in place. */
export function sourceOffsetOf(differences: Float64Array | number[]): SourceOffset {
  differences.sort((a: number, b: number) => a - b)
  return offsetOf(medianOf(differences))
}

/**
 * The time to show a sample at, by its stamps and the offset of its source, TAI seconds; undefined where it
 * is to be set aside.
 */
export function correctedTimeOf(
  { source, received }: SourceStamps,
  { median, offset }: SourceOffset
): number | undefined {
  const isNear = Math.abs(source - received - median) <= CLOCK_TOLERANCE_SECONDS
  return isNear ? source - offset : undefined
}

/** True where a time of receipt tells no more than the stamp of the source. */
export const isSameTime = (source: number, received: number): boolean =>
  Math.abs(received - source) <= SAME_TIME_SECONDS

/**
 * As a line that is live has the stamps: a time of receipt that says no more does not come over the wire. What is
 * loaded is judged by the same numbers.
 */
const receivedOf = ({ source, received }: SourceStamps): number =>
  isSameTime(source, received) ? source : received

/**
 * Creates a judge. `showAfterAll` is called with each sample that was set aside and is to be shown nevertheless,
 * and with its time. `before`: the state of the judge that this one goes on for.
 */
export function createSourceClock<S extends SourceStamps>(
  showAfterAll: (sample: S, time: number) => void,
  before: SourceClockState<S> = { differences: [], lastReceived: 0, shownUpTo: 0, waiting: [] }
): SourceClock<S> {
  const window = createDifferenceWindow(before)
  const waiting = before.waiting.map(({ sample, age }) => ({ sample, since: -age }))
  let current = offsetOf(window.median())
  let { shownUpTo } = before

  const timeOf = (sample: S): number | undefined =>
    correctedTimeOf({ source: sample.source, received: receivedOf(sample) }, current)

  /** Shows what is near the median now, and gives up what has waited for too long. */
  function judgeAgain(): void {
    let kept = 0
    for (const one of waiting) {
      const time = timeOf(one.sample)
      if (time !== undefined) showAfterAll(one.sample, time)
      else if (window.entered() - one.since < LOOK_BACK) waiting[kept++] = one
    }
    waiting.length = kept
  }

  /** Whether a sample that waits was held back until one that is in time was read. */
  function isHeldBack(sample: S, inTime: S): boolean {
    const isTogether = Math.abs(receivedOf(inTime) - receivedOf(sample)) <= HELD_BACK_SECONDS
    return isTogether && sample.source > shownUpTo && sample.source <= inTime.source
  }

  /** Only where the clock is right: one that is off may have been set while nothing came. */
  function showHeldBack(inTime: S): void {
    const newest = waiting.at(-1)?.sample
    if (current.offset !== 0 || newest === undefined || !isHeldBack(newest, inTime)) return
    const isHeld = ({ sample }: { readonly sample: S }): boolean => isHeldBack(sample, inTime)
    const held = waiting.filter(isHeld)
    waiting.splice(0, waiting.length, ...waiting.filter(one => !isHeld(one)))
    for (const { sample } of held) showAfterAll(sample, sample.source)
  }

  function wait(sample: S): void {
    if (waiting.length === MOST_WAITING) waiting.shift()
    waiting.push({ sample, since: window.entered() })
  }

  function enter(difference: number, received: number): void {
    if (!window.enter(difference, received)) return
    const median = window.median()
    if (median !== current.median) current = offsetOf(median)
    if (waiting.length > 0) judgeAgain()
  }

  return {
    take(sample) {
      const received = receivedOf(sample)
      const difference = sample.source - received
      if (!Number.isFinite(difference)) return undefined
      enter(difference, received)
      const time = timeOf(sample)
      if (time === undefined) wait(sample)
      else {
        showHeldBack(sample)
        shownUpTo = time
      }
      return time
    },
    current: () => current,
    state: () => ({
      ...window.state(),
      shownUpTo,
      waiting: waiting.map(({ sample, since }) => ({ sample, age: window.entered() - since }))
    })
  }
}

/** The last differences, at most one in 0.1 s of receipt, and their median. */
function createDifferenceWindow({
  differences,
  lastReceived
}: Pick<SourceClockState<unknown>, 'differences' | 'lastReceived'>) {
  const recent = differences.slice(-LOOK_BACK)
  const sorted = [...recent].sort((a, b) => a - b)
  let next = recent.length % LOOK_BACK
  let last = lastReceived
  let entered = 0
  return {
    /** False where the sample came with the one before. A producer's clock that was set back is no reason to wait. */
    enter(difference: number, received: number): boolean {
      if (received < last + SPACING_SECONDS && received >= last - CLOCK_TOLERANCE_SECONDS) return false
      if (recent.length === LOOK_BACK) sorted.splice(positionIn(sorted, recent[next] as number), 1)
      recent[next] = difference
      next = (next + 1) % LOOK_BACK
      sorted.splice(positionIn(sorted, difference), 0, difference)
      last = received
      entered++
      return true
    },
    median: () => medianOf(sorted),
    entered: () => entered,
    state: () => ({
      differences:
        recent.length < LOOK_BACK ? [...recent] : [...recent.slice(next), ...recent.slice(0, next)],
      lastReceived: last
    })
  }
}

const offsetOf = (median: number): SourceOffset => ({
  median,
  offset: Math.abs(median) > CLOCK_TOLERANCE_SECONDS ? median : 0
})

/** Of two middle ones the one nearer to zero counts: a mean of the two may be near no sample at all. */
function medianOf(sorted: ArrayLike<number>): number {
  const low = sorted[(sorted.length - 1) >> 1] ?? 0
  const high = sorted[sorted.length >> 1] ?? 0
  return Math.abs(high) < Math.abs(low) ? high : low
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
