/**
 * A field's values over time: buckets of one or more samples, in order. Times are TAI seconds, those of
 * buckets the time of their first sample. A bucket of samples that are no numbers has NaN for its extremes:
 * there the line ends.
 */
export interface SeriesBuffer {
  readonly times: number[]
  readonly lows: number[]
  readonly highs: number[]
  /** The last value of each bucket; NaN where it is no number, or not known which of several it was. */
  readonly lasts: number[]
  /** How many samples each bucket has. */
  readonly counts: number[]
}

/** A bucket of history, as the api has it: NaN where it has no number. */
export type Bucket = readonly [tai: number, low: number, high: number, count: number]

/** Samples closer together than this share a bucket; it bounds a quick topic's memory. */
const BUCKET_SECONDS = 0.1
/** About an hour of the quickest topics. */
const CAPACITY = 40_000

/** A buffer without values; it keeps up to 40,000 buckets of at least 0.1 s. */
export const createSeriesBuffer = (): SeriesBuffer => ({
  times: [],
  lows: [],
  highs: [],
  lasts: [],
  counts: []
})

const columnsOf = ({ times, lows, highs, lasts, counts }: SeriesBuffer): number[][] => [
  times,
  lows,
  highs,
  lasts,
  counts
]

/** Puts buckets in the place of `remove` others. */
function replace(buffer: SeriesBuffer, at: number, remove: number, buckets: readonly Bucket[]): void {
  buffer.times.splice(at, remove, ...buckets.map(bucket => bucket[0]))
  buffer.lows.splice(at, remove, ...buckets.map(bucket => bucket[1]))
  buffer.highs.splice(at, remove, ...buckets.map(bucket => bucket[2]))
  buffer.lasts.splice(at, remove, ...buckets.map(([, low, high]) => (low === high ? low : Number.NaN)))
  buffer.counts.splice(at, remove, ...buckets.map(bucket => bucket[3]))
}

/** Adds a sample to a bucket; it is its last one unless it came late. */
function join(buffer: SeriesBuffer, at: number, value: number): void {
  buffer.counts[at] = (buffer.counts[at] ?? 0) + 1
  buffer.lasts[at] = value
  if (Number.isNaN(value)) return
  const { lows, highs } = buffer
  lows[at] = Number.isNaN(lows[at]) ? value : Math.min(lows[at] as number, value)
  highs[at] = Number.isNaN(highs[at]) ? value : Math.max(highs[at] as number, value)
}

/** A value as it is kept: what is not finite is no number to draw. */
const kept = (value: number): number => (Number.isFinite(value) ? value : Number.NaN)

/** The bucket that a sample of this time belongs to; undefined where it needs one of its own. */
function bucketFor(times: readonly number[], time: number): number | undefined {
  const next = positionOf(times, time)
  if (times[next] === time) return next
  return next > 0 && time - (times[next - 1] as number) < BUCKET_SECONDS ? next - 1 : undefined
}

/** Adds a sample in its place by time, late ones too. */
export function insertSample(buffer: SeriesBuffer, time: number, value: number): void {
  const { times } = buffer
  const shared = bucketFor(times, time)
  if (shared !== undefined) join(buffer, shared, kept(value))
  else replace(buffer, positionOf(times, time), 0, [[time, kept(value), kept(value), 1]])
  if (times.length > CAPACITY) for (const column of columnsOf(buffer)) column.splice(0, CAPACITY / 4)
}

/** Takes out the bucket that a sample of this time went into. */
export function removeSample(buffer: SeriesBuffer, time: number): void {
  const at = bucketFor(buffer.times, time)
  if (at !== undefined) replace(buffer, at, 1, [])
}

/** First position whose time is not before `time`. */
export function positionOf(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Puts history before `until`, replacing what the buffer held in that span; what came live after it stays.
 */
export function mergeHistory(
  buffer: SeriesBuffer,
  buckets: readonly Bucket[],
  span: { readonly from: number; readonly until: number }
): void {
  const start = positionOf(buffer.times, span.from)
  const end = positionOf(buffer.times, span.until)
  const fresh = buckets
    .filter(([tai, , , count]) => count > 0 && tai >= span.from && tai < span.until)
    .map(([tai, low, high, count]): Bucket => [tai, kept(low), kept(high), count])
  replace(buffer, start, end - start, fresh)
}

/** Forgets what is before an instant. */
export function dropBefore(buffer: SeriesBuffer, time: number): void {
  const count = positionOf(buffer.times, time)
  for (const column of columnsOf(buffer)) column.splice(0, count)
}
