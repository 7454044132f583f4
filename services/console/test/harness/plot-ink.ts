import { waitFor } from '@meridian/testing'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    /** The last 60 texts that were drawn on canvases, the oldest first: `watchCanvasTexts`. */
    canvasTexts: string[]
  }
}

/** Notes every text that is drawn on a canvas, so that a test can read the axes: call before the page loads. */
export const watchCanvasTexts = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const texts: string[] = []
    window.canvasTexts = texts
    const { fillText } = CanvasRenderingContext2D.prototype
    CanvasRenderingContext2D.prototype.fillText = function (...args) {
      texts.push(args[0])
      if (texts.length > 60) texts.shift()
      return fillText.apply(this, args)
    }
  })

/** What was drawn last of texts on canvases. */
export const canvasTexts = (page: Page): Promise<readonly string[]> => page.evaluate(() => window.canvasTexts)

/** Part of the plot's width, from 0 on the left to 1 on the right. */
export interface Part {
  readonly from: number
  readonly to: number
}

/**
 * How many pixels of one colour the plot has in a part of its width; by default those of its first line in the
 * dark theme.
 */
export function inkIn(
  page: Page,
  part: Part,
  colour: readonly number[] = [0x56, 0xb4, 0xe9]
): Promise<number> {
  return page.evaluate(
    ({ from, to, red, green, blue }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')
      const over = document.querySelector('.chart .u-over')
      const context = canvas?.getContext('2d', { willReadFrequently: true })
      if (canvas === null || over === null || !context) return 0
      const [whole, lines] = [canvas.getBoundingClientRect(), over.getBoundingClientRect()]
      const scale = canvas.width / whole.width
      const left = Math.round((lines.left - whole.left + from * lines.width) * scale)
      const width = Math.max(1, Math.round((to - from) * lines.width * scale))
      const { data } = context.getImageData(left, 0, width, canvas.height)
      let ink = 0
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) ink++
      return ink
    },
    { ...part, red: colour[0], green: colour[1], blue: colour[2] }
  )
}

/** The colour that most of the plot has in a part of its width. */
function groundOf(page: Page, part: Part): Promise<string> {
  return page.evaluate(({ from, to }) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')
    const over = document.querySelector('.chart .u-over')
    const context = canvas?.getContext('2d', { willReadFrequently: true })
    if (canvas === null || over === null || !context) return ''
    const [whole, lines] = [canvas.getBoundingClientRect(), over.getBoundingClientRect()]
    const scale = canvas.width / whole.width
    const left = Math.round((lines.left - whole.left + from * lines.width) * scale)
    const width = Math.max(1, Math.round((to - from) * lines.width * scale))
    const height = Math.round(lines.height * scale)
    const { data } = context.getImageData(left, Math.round((lines.top - whole.top) * scale), width, height)
    const counts = new Map<string, number>()
    for (let i = 0; i < data.length; i += 4) {
      const colour = data.slice(i, i + 4).join()
      counts.set(colour, (counts.get(colour) ?? 0) + 1)
    }
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ''
  }, part)
}

/** A page that shares its core with others may take as long to draw, ms. */
const DRAWN_MS = 120_000

/** Waits until two parts of the plot stand on different grounds. */
export async function waitForGrounds(page: Page, one: Part, other: Part): Promise<void> {
  await waitFor(async () => (await groundOf(page, one)) !== (await groundOf(page, other)), {
    ...{ what: 'two grounds', timeoutMs: DRAWN_MS }
  })
}

/** Waits until a part of the plot has ink, or has none. */
export async function waitForInk(page: Page, part: Part, has: boolean): Promise<void> {
  const endsAt = Date.now() + DRAWN_MS
  for (;;) {
    const ink = await inkIn(page, part)
    if (ink > 0 === has) return
    if (Date.now() > endsAt) throw new Error(`${ink} pixels of the line from ${part.from} to ${part.to}`)
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(resolve)))
  }
}
