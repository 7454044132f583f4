import { isGap } from './gaps.ts'
import { positionOf, type SeriesBuffer } from './series-buffer.ts'

/** A value of a column: `undefined` where nothing falls into it, `null` where the line must break. */
export type Cell = number | null | undefined

/** A series on a grid of columns, as the plot draws it. */
export interface Columns {
  readonly lows: Cell[]
  readonly highs: Cell[]
  readonly middles: Cell[]
}

/** The columns to lay values on: `count` between `from` and `to`, TAI seconds. */
export interface Grid {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** What is known of a series beside its values. */
export interface Known {
  /** Usual seconds between two samples; undefined where it is not known. */
  readonly interval?: number | undefined
}

/** A span of time; without an end it goes on. TAI seconds. */
export interface Span {
  readonly from: number
  readonly to?: number
}

/** What a value that is sent on change alone may be trusted for. */
export interface Trust {
  /** Until when it is known that there was no change: now, or when the link was last sound. */
  readonly until: number
  /** When the source was silent: then nobody knows. */
  readonly silences: readonly Span[]
}

/** Centres of the columns, TAI seconds. */
export const columnTimes = ({ from, to, count }: Grid): number[] =>
  Array.from({ length: count }, (_, i) => from + ((i + 0.5) * (to - from)) / count)

const emptyColumns = (count: number): Columns => {
  const empty = (): Cell[] => new Array<Cell>(count).fill(undefined)
  return { lows: empty(), highs: empty(), middles: empty() }
}

function put({ lows, highs, middles }: Columns, at: number, low: number, high: number): void {
  lows[at] = Math.min(lows[at] ?? low, low)
  highs[at] = Math.max(highs[at] ?? high, high)
  // Halved first: the sum of two huge numbers is Infinity.
  middles[at] = (lows[at] as number) / 2 + (highs[at] as number) / 2
}

/** Breaks the line from one column up to another; columns that have values keep them. */
function breakBetween({ lows, highs, middles }: Columns, from: number, until: number): void {
  for (let at = Math.max(0, from); at < Math.min(until, middles.length); at++)
    if (typeof middles[at] !== 'number') lows[at] = highs[at] = middles[at] = null
}

const columnOf = ({ from, to, count }: Grid, time: number): number =>
  Math.min(count - 1, Math.floor(((time - from) * count) / (to - from)))

/** Value of the straight line between two buckets at a moment. */
function between(buffer: SeriesBuffer, at: number, time: number): number {
  const [start, end] = [buffer.times[at - 1] as number, buffer.times[at] as number]
  const share = (time - start) / (end - start)
  const middle = (i: number): number => (buffer.lows[i] as number) / 2 + (buffer.highs[i] as number) / 2
  return middle(at - 1) * (1 - share) + middle(at) * share
}

/** Draws the line between two joined buckets up to the edge of the grid, where one of them is outside. */
function drawEdges(columns: Columns, buffer: SeriesBuffer, at: number, grid: Grid): void {
  const half = (grid.to - grid.from) / grid.count / 2
  const edge = (column: number, time: number): void => {
    if (columns.middles[column] !== undefined) return
    const value = between(buffer, at, time)
    put(columns, column, value, value)
  }
  if ((buffer.times[at - 1] as number) < grid.from) edge(0, grid.from + half)
  if ((buffer.times[at] as number) >= grid.to) edge(grid.count - 1, grid.to - half)
}

const isNumber = ({ lows }: SeriesBuffer, at: number): boolean => Number.isFinite(lows[at])

/** True where a bucket and the one before it are on one line. */
const isJoined = (buffer: SeriesBuffer, at: number, { interval }: Known): boolean =>
  at > 0 &&
  at < buffer.times.length &&
  isNumber(buffer, at - 1) &&
  isNumber(buffer, at) &&
  !isGap(buffer, at, interval)

/**
 * Lays a buffer on the columns of a grid; extremes survive, gaps in the data stay gaps. A line that comes from
 * before the grid or goes on after it is drawn up to its edge, so that a narrow window is not empty.
 */
export function resample(buffer: SeriesBuffer, grid: Grid, known: Known = {}): Columns {
  const { times, lows, highs } = buffer
  const columns = emptyColumns(grid.count)
  const start = positionOf(times, grid.from)
  const end = positionOf(times, grid.to)
  const placeOf = (at: number): number => (at < end ? columnOf(grid, times[at] as number) : grid.count)
  const breakBefore = (at: number): void =>
    breakBetween(columns, at > start ? placeOf(at - 1) + 1 : 0, placeOf(at) + (isNumber(buffer, at) ? 0 : 1))

  for (let at = start; at < end; at++)
    if (isNumber(buffer, at)) put(columns, placeOf(at), lows[at] as number, highs[at] as number)
  for (let at = start; at <= end; at++)
    if (isJoined(buffer, at, known)) drawEdges(columns, buffer, at, grid)
    else breakBefore(at)
  return columns
}

/** True where a value that was sent before may be taken for one of this moment, TAI seconds. */
export const isTrustedAt = ({ until, silences }: Trust, time: number): boolean =>
  time <= until && !isSilentAt(silences, time)

const isSilentAt = (silences: readonly Span[], time: number): boolean =>
  silences.some(({ from, to = Number.POSITIVE_INFINITY }) => time > from && time < to)

/**
 * What is sent on change only stays true until the next message: its line goes on in steps, from the last
 * value before the grid, as long as the source lives and the link to it is sound. Where a bucket has several
 * values and it is not known which was the last, the band between them goes on, without a line.
 */
export function resampleHeld(buffer: SeriesBuffer, grid: Grid, trust: Trust): Columns {
  const columns = emptyColumns(grid.count)
  const width = (grid.to - grid.from) / grid.count
  let next = positionOf(buffer.times, grid.from)
  columnTimes(grid).forEach((centre, at) => {
    const isTrusted = centre - width / 2 <= trust.until && !isSilentAt(trust.silences, centre)
    const first = isTrusted ? next - 1 : next
    next = Math.max(next, positionOf(buffer.times, centre + width / 2))
    if (first < next) holdAll(columns, at, buffer, { first, end: next })
    else breakBetween(columns, at, at + 1)
  })
  return columns
}

/** Lays some buckets on one column; the last of them goes on. */
function holdAll(
  columns: Columns,
  column: number,
  { lows, highs, lasts }: SeriesBuffer,
  { first, end }: { readonly first: number; readonly end: number }
): void {
  for (let at = Math.max(0, first); at < end; at++)
    if (Number.isFinite(lows[at])) put(columns, column, lows[at] as number, highs[at] as number)
  if (end === 0) return
  const last = lasts[end - 1] as number
  columns.middles[column] = Number.isFinite(last) ? last : null
}
