import type { HistoryBucket } from '@meridian/protocol/http'

/** A field's values over time: buckets of one or more samples, in order. Times are TAI seconds. */
export interface SeriesBuffer {
  readonly times: number[]
  readonly lows: number[]
  readonly highs: number[]
}

/** Samples closer together than this share a bucket; it bounds a quick topic's memory. */
const BUCKET_SECONDS = 0.1
/** About an hour of the quickest topics. */
const CAPACITY = 40_000

/** A buffer without values; it keeps up to 40,000 buckets of at least 0.1 s. */
export const createSeriesBuffer = (): SeriesBuffer => ({ times: [], lows: [], highs: [] })

const dropOldest = (buffer: SeriesBuffer, count: number): void => {
  buffer.times.splice(0, count)
  buffer.lows.splice(0, count)
  buffer.highs.splice(0, count)
}

/** Lowest and highest values at consecutive places; no value yet where there is no number. */
interface Extremes {
  readonly lows: Array<number | null | undefined>
  readonly highs: Array<number | null | undefined>
}

/** Makes the extremes at a place wide enough for these. */
export function widen({ lows, highs }: Extremes, at: number, low: number, high: number): void {
  lows[at] = Math.min(lows[at] ?? low, low)
  highs[at] = Math.max(highs[at] ?? high, high)
}

/** Adds a live sample; one that is not newer than the last is dropped, one that is not finite too. */
export function appendSample(buffer: SeriesBuffer, time: number, value: number): void {
  const last = buffer.times.length - 1
  const lastTime = buffer.times[last]
  if (!Number.isFinite(value) || (lastTime !== undefined && time < lastTime)) return
  if (lastTime !== undefined && time - lastTime < BUCKET_SECONDS) {
    widen(buffer, last, value, value)
    return
  }
  buffer.times.push(time)
  buffer.lows.push(value)
  buffer.highs.push(value)
  if (buffer.times.length > CAPACITY) dropOldest(buffer, CAPACITY / 4)
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
  buckets: readonly HistoryBucket[],
  span: { readonly from: number; readonly until: number }
): void {
  const start = positionOf(buffer.times, span.from)
  const end = positionOf(buffer.times, span.until)
  const fresh = buckets.filter(([tai, , , count]) => count > 0 && tai >= span.from && tai < span.until)
  buffer.times.splice(start, end - start, ...fresh.map(bucket => bucket[0]))
  buffer.lows.splice(start, end - start, ...fresh.map(bucket => Number(bucket[1] ?? Number.NaN)))
  buffer.highs.splice(start, end - start, ...fresh.map(bucket => Number(bucket[2] ?? Number.NaN)))
}
