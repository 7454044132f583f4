import type { Page } from 'playwright-core'

/** The contrast of a text with what lies behind it. */
export interface Contrast {
  readonly selector: string
  readonly text: string
  readonly ratio: number
}

/**
 * Contrast ratios (WCAG) of the first visible element of each selector, by computed colours; the worst stop
 * of a gradient counts.
 */
export const contrastsOf = (page: Page, selectors: readonly string[]): Promise<readonly Contrast[]> =>
  page.evaluate(all => {
    const parse = (text: string): number[][] =>
      [...text.matchAll(/rgba?\(([^)]+)\)/g)].map(m => (m[1] as string).split(/[ ,/]+/).map(Number))
    const channel = (value: number): number =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
    const luminance = ([r = 0, g = 0, b = 0]: number[]): number =>
      0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    const ownGrounds = (element: Element): number[][] => {
      const style = getComputedStyle(element)
      const stops = parse(style.backgroundImage)
      return stops.length > 0
        ? stops
        : parse(style.backgroundColor).filter(([, , , alpha = 1]) => alpha > 0.9)
    }
    const groundsOf = (element: Element | null): number[][] => {
      for (let at = element; at !== null; at = at.parentElement) {
        const grounds = ownGrounds(at)
        if (grounds.length > 0) return grounds
      }
      return [[255, 255, 255]]
    }
    return all.flatMap(selector => {
      const element = [...document.querySelectorAll(selector)].find(e => e.getClientRects().length > 0)
      if (element === undefined) return []
      const ink = luminance(parse(getComputedStyle(element).color)[0] ?? [])
      const ratios = groundsOf(element).map(ground => {
        const [high = 0, low = 0] = [ink, luminance(ground)].sort((a, b) => b - a)
        return (high + 0.05) / (low + 0.05)
      })
      return [{ selector, text: element.textContent ?? '', ratio: Math.min(...ratios) }]
    })
  }, selectors)
