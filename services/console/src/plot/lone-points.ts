import type { Cell } from './resample.ts'

/**
 * Places of the numbers that no line joins to another: each needs a dot, or it would not be seen. A cell that
 * is `undefined` lets the line pass, one that is `null` ends it.
 */
export function lonePoints(cells: ArrayLike<Cell>): number[] {
  const lone: number[] = []
  let place = -1
  let length = 0
  const end = (): void => {
    if (length === 1) lone.push(place)
    length = 0
  }
  for (let at = 0; at < cells.length; at++) {
    if (cells[at] === null) end()
    if (typeof cells[at] !== 'number') continue
    place = at
    length++
  }
  end()
  return lone
}
