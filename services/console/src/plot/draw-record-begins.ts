import type uPlot from 'uplot'
import { utcSecondsOf } from './plot-window.ts'
import type { RecordBegin } from './record-begins.ts'

/** How the begin of a record looks, as colours of CSS. */
interface RecordColours {
  readonly ground: string
  readonly line: string
  readonly text: string
}

const DASH = [6, 4]
const FONT_PX = 11
/** Room between a line and its label, and between two labels one below the other, px of CSS. */
const GAP_PX = 5
const ROW_PX = 15

/**
 * Greys the time before each begin and marks it with a dashed line and its label, below the lines of the plot.
 * A begin after the window greys all of it.
 */
export function drawRecordBegins(
  { ctx, bbox, valToPos }: Pick<uPlot, 'ctx' | 'bbox' | 'valToPos'>,
  begins: readonly RecordBegin[],
  colours: RecordColours
): void {
  const scale = devicePixelRatio
  const right = bbox.left + bbox.width
  ctx.save()
  ctx.font = `${FONT_PX * scale}px ${getComputedStyle(document.body).fontFamily}`
  ctx.textBaseline = 'top'
  // The axes leave theirs behind.
  ctx.textAlign = 'left'
  ctx.setLineDash(DASH.map(px => px * scale))
  ctx.lineWidth = scale
  begins.forEach(({ at, label }, i) => {
    const x = Math.min(right, Math.round(valToPos(utcSecondsOf(at), 'x', true)))
    ctx.fillStyle = colours.ground
    ctx.fillRect(bbox.left, bbox.top, x - bbox.left, bbox.height)
    ctx.strokeStyle = colours.line
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.fillStyle = colours.text
    const width = ctx.measureText(label).width
    const fits = x + GAP_PX * scale + width < right
    const left = fits ? x + GAP_PX * scale : Math.max(bbox.left, x - GAP_PX * scale - width)
    ctx.fillText(label, left, bbox.top + (GAP_PX + i * ROW_PX) * scale)
  })
  ctx.restore()
}
