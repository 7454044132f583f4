/** Lines above and below the visible ones that are drawn as well. */
const MARGIN = 8

/** First and past-last line to draw. */
export function visibleRange(
  scrollTop: number,
  heightPx: number,
  rowPx: number,
  length: number
): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / rowPx) - MARGIN)
  return [Math.min(first, length), Math.min(length, Math.ceil((scrollTop + heightPx) / rowPx) + MARGIN)]
}
