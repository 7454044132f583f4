import type { NumberFormat } from '../format/number-format.ts'
import { isGap } from './gaps.ts'
import type { Bounds } from './plot-window.ts'
import { positionOf, type SeriesBuffer } from './series-buffer.ts'

/** What a series was at one moment: its extremes where several values share it. */
export interface ValueAt {
  readonly low: number
  readonly high: number
}

const bucketAt = ({ lows, highs }: SeriesBuffer, at: number): ValueAt | undefined =>
  Number.isFinite(lows[at]) ? { low: lows[at] as number, high: highs[at] as number } : undefined

/** The value that was sent last before a moment and still held then: for what is sent on change alone. */
export function heldAt(buffer: SeriesBuffer, tai: number): ValueAt | undefined {
  const next = positionOf(buffer.times, tai)
  const at = buffer.times[next] === tai ? next : next - 1
  const last = buffer.lasts[at]
  return Number.isFinite(last) ? { low: last as number, high: last as number } : bucketAt(buffer, at)
}

/** The last value of a window: what stood there when it was held still. */
export function lastIn(buffer: SeriesBuffer, { from, to }: Bounds): ValueAt | undefined {
  let at = positionOf(buffer.times, to)
  if (buffer.times[at] !== to) at--
  return (buffer.times[at] ?? Number.NEGATIVE_INFINITY) < from ? undefined : bucketAt(buffer, at)
}

/** How a sampled value is looked for. */
export interface Search {
  /** A sample may be so far away where no line is drawn to it, seconds. */
  readonly reach: number
  /** The end of the window: what came later is not on show, TAI seconds. */
  readonly until: number
  readonly interval?: number | undefined
}

/** The sampled value nearest to a moment; undefined in a gap, and where the next sample is too far away. */
export function sampledAt(
  buffer: SeriesBuffer,
  tai: number,
  { reach, until, interval }: Search
): ValueAt | undefined {
  const { times } = buffer
  const after = positionOf(times, tai)
  const isInside = after > 0 && after < times.length
  const isBridged = isInside && !isGap(buffer, after, interval)
  const distance = (at: number): number => {
    const time = times[at] ?? Number.POSITIVE_INFINITY
    return time > until ? Number.POSITIVE_INFINITY : Math.abs(time - tai)
  }
  const nearest = distance(after - 1) <= distance(after) ? after - 1 : after
  return isBridged || distance(nearest) <= reach ? bucketAt(buffer, nearest) : undefined
}

/** A value as the legend shows it; `—` where there is none. */
export function valueText(value: ValueAt | undefined, format: NumberFormat): string {
  if (value === undefined) return '—'
  const low = format.text(value.low)
  const high = format.text(value.high)
  return low === high ? low : `${low} … ${high}`
}
