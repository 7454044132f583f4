import { extremesOf } from '../format/extremes.ts'

/** Where a tile lies on the screen. */
export interface Box {
  readonly left: number
  readonly top: number
}

/** Keys that move the focus from one tile to another. */
const DIRECTIONS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'] as const
/** The `key` of a keyboard event that moves between tiles. */
export type Direction = (typeof DIRECTIONS)[number]

/** True for a key that moves between tiles. */
export const isDirection = (key: string): key is Direction => DIRECTIONS.some(d => d === key)

function nearestInRow(boxes: readonly Box[], from: number, rowTop: number): number {
  const { left } = boxes[from] as Box
  let best = from
  let bestDistance = Number.POSITIVE_INFINITY
  boxes.forEach((box, i) => {
    const distance = Math.abs(box.left - left)
    if (box.top === rowTop && distance < bestDistance) [best, bestDistance] = [i, distance]
  })
  return best
}

function rowBeside(boxes: readonly Box[], top: number, down: boolean): number | undefined {
  const tops = boxes.map(box => box.top).filter(t => (down ? t > top : t < top))
  const { low, high, count } = extremesOf(tops)
  if (count === 0) return undefined
  return down ? low : high
}

/**
 * The tile to go to: left and right in reading order, up and down to the nearest tile of the next row, across
 * headings.
 */
export function nextTile(boxes: readonly Box[], from: number, direction: Direction): number {
  if (direction === 'Home') return 0
  if (direction === 'End') return boxes.length - 1
  if (direction === 'ArrowLeft') return Math.max(0, from - 1)
  if (direction === 'ArrowRight') return Math.min(boxes.length - 1, from + 1)
  const row = rowBeside(boxes, (boxes[from] as Box).top, direction === 'ArrowDown')
  return row === undefined ? from : nearestInRow(boxes, from, row)
}
