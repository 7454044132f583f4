import type { SeriesBuffer } from './series-buffer.ts'

/** An empty span of more than so many usual intervals is a gap. */
const GAP_INTERVALS = 3
/** Shorter ones are the hesitation of a busy machine, seconds. */
const LEAST_GAP_SECONDS = 1.5
/** Buckets stand where their spans begin: one that is full may stand so many spans after the one before. */
const BUCKET_SPANS = 2.5
/** Steps looked at on either side, and how many there must be to speak of a rhythm. */
const LOOK_AROUND = 16
const LEAST_STEPS = 3

const medianOf = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[values.length >> 1]

/** The rhythm of a stretch of buckets: seconds from one to the next, and from one sample to the next. */
interface Rhythm {
  readonly step: number
  readonly interval: number
}

/** Rhythm of the buckets from `first` to `last`; undefined where there are too few. */
function rhythmOf({ times, counts }: SeriesBuffer, first: number, last: number): Rhythm | undefined {
  const steps: number[] = []
  const intervals: number[] = []
  for (let i = Math.max(0, first); i < Math.min(last, times.length - 1); i++) {
    const step = (times[i + 1] as number) - (times[i] as number)
    steps.push(step)
    intervals.push(step / Math.max(1, counts[i] as number))
  }
  const step = medianOf(steps)
  const interval = medianOf(intervals)
  return step === undefined || interval === undefined || steps.length < LEAST_STEPS
    ? undefined
    : { step, interval }
}

/** The longest step that is no gap, in a stretch of this rhythm. */
const longestStep = ({ step, interval }: Rhythm): number =>
  Math.max(LEAST_GAP_SECONDS, GAP_INTERVALS * interval, BUCKET_SPANS * step)

/**
 * True where nothing was heard for so long between bucket `at - 1` and bucket `at` that no line may join them.
 * The rhythm around decides, so that a source may change its pace; where there is too little around it,
 * `interval`, the usual time between two samples, seconds.
 */
export function isGap(buffer: SeriesBuffer, at: number, interval: number | undefined): boolean {
  const { times } = buffer
  const step = (times[at] as number) - (times[at - 1] as number)
  if (step <= LEAST_GAP_SECONDS) return false
  const around = [
    rhythmOf(buffer, at - 1 - LOOK_AROUND, at - 1),
    rhythmOf(buffer, at, at + LOOK_AROUND)
  ].flatMap(rhythm => rhythm ?? [])
  if (around.length > 0) return around.every(rhythm => step > longestStep(rhythm))
  if (interval !== undefined) return step > longestStep({ step: 0, interval })
  const all = rhythmOf(buffer, 0, times.length)
  return all !== undefined && step > longestStep(all)
}
