import { positionOf, type SeriesBuffer, widen } from './series-buffer.ts'

/** A value of a column: `undefined` where nothing falls into it, `null` where the line must break. */
type Cell = number | null | undefined

/** A series on a grid of columns, as the plot draws it. */
export interface Columns {
  readonly lows: Cell[]
  readonly highs: Cell[]
  readonly middles: Cell[]
}

/** Silence of so many usual intervals, and at least `LEAST_GAP_SECONDS`, is a gap. */
const GAP_INTERVALS = 5
const LEAST_GAP_SECONDS = 3

/** The usual time between two buckets: the median of the last ones. */
export function usualInterval(times: readonly number[]): number {
  const tail = times.slice(-40)
  const steps = tail.slice(1).map((time, i) => time - (tail[i] as number))
  steps.sort((a, b) => a - b)
  return steps[steps.length >> 1] ?? 1
}

/** Centres of the columns, TAI seconds. */
export const columnTimes = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((i + 0.5) * (to - from)) / count)

const put = (columns: Columns, at: number, low: number, high: number): void => {
  widen(columns, at, low, high)
  columns.middles[at] = ((columns.lows[at] as number) + (columns.highs[at] as number)) / 2
}

const breakAt = (columns: Columns, at: number): void => {
  for (const cells of [columns.lows, columns.highs, columns.middles])
    if (cells[at] === undefined) cells[at] = null
}

/**
 * What is sent on change only stays true until the next message: its line goes on in steps, from the last
 * value before the window.
 */
export function resampleHeld(buffer: SeriesBuffer, from: number, to: number, count: number): Columns {
  const columns = resample(buffer, from, to, count)
  const before = positionOf(buffer.times, from) - 1
  let value: Cell = before < 0 ? undefined : buffer.highs[before]
  for (let at = 0; at < count; at++) {
    if (typeof columns.highs[at] === 'number') value = columns.highs[at]
    else for (const cells of [columns.lows, columns.highs, columns.middles]) cells[at] = value
  }
  return columns
}

/** Lays a buffer on `count` columns between `from` and `to`; extremes survive, gaps in the data stay gaps. */
export function resample(buffer: SeriesBuffer, from: number, to: number, count: number): Columns {
  const empty = (): Cell[] => new Array<Cell>(count).fill(undefined)
  const columns: Columns = { lows: empty(), highs: empty(), middles: empty() }
  const { times, lows, highs } = buffer
  const gapSeconds = Math.max(LEAST_GAP_SECONDS, GAP_INTERVALS * usualInterval(times), (to - from) / count)
  const perSecond = count / (to - from)
  const end = positionOf(times, to)
  let previous = -1
  for (let i = positionOf(times, from); i < end; i++) {
    const at = Math.min(count - 1, Math.floor(((times[i] as number) - from) * perSecond))
    const gap = i > 0 && (times[i] as number) - (times[i - 1] as number) > gapSeconds
    if (gap && previous >= 0 && at > previous + 1) breakAt(columns, previous + 1)
    put(columns, at, lows[i] as number, highs[i] as number)
    previous = at
  }
  return columns
}
