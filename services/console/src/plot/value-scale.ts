import type { Cell } from './resample.ts'

/** Space above and below the values, as a part of their span. */
const MARGIN = 0.08
/** Room on either side of a constant, as a part of it. */
const ROOM = 0.05
/** Values whose span is a smaller part of them than this count as constant: a double tells no more apart. */
const LEAST_SPAN = 1e-9
/** Sizes that the axis can label; others are drawn as multiples of a power of ten. */
const LARGEST = 1e15
const SMALLEST = 1e-12

/** Bounds of an axis for values from `low` to `high`: a constant stands in the middle of a narrow span. */
export function rangeOf(low: number, high: number): [min: number, max: number] {
  const size = Math.max(Math.abs(low), Math.abs(high))
  const span = high - low
  if (span > size * LEAST_SPAN) return [low - span * MARGIN, high + span * MARGIN]
  const room = size === 0 ? 1 : size * ROOM
  return [low - room, high + room]
}

/** Power of ten by which values of this size are divided before they are drawn; 1 for nearly all. */
export function unitOf(size: number): number {
  if (!Number.isFinite(size) || size === 0 || (size < LARGEST && size > SMALLEST)) return 1
  // 10 ** -324 is 0, and 10 ** 309 is Infinity.
  return 10 ** Math.max(-300, Math.floor(Math.log10(size)))
}

/** The largest of these cells, without its sign; 0 where there is no number. */
export function sizeOf(columns: ReadonlyArray<readonly Cell[]>): number {
  let size = 0
  for (const cells of columns)
    for (const cell of cells) if (typeof cell === 'number') size = Math.max(size, Math.abs(cell))
  return size
}

/** The cells as multiples of a unit; breaks stay breaks. */
export const inUnits = (cells: readonly Cell[], unit: number): Cell[] =>
  unit === 1 ? [...cells] : cells.map(cell => (typeof cell === 'number' ? cell / unit : cell))
