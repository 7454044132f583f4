import { loadSite } from '@meridian/catalogue'
import { taiSecondsOf } from '@meridian/time'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { openBrowser, openPage } from './open-browser.ts'
import { watchCanvasTexts } from './plot-ink.ts'
import { type Door, startDoor } from './start-door.ts'

type Fields = Readonly<Record<string, unknown>>

/** A door and a browser, whose pages plot what components say that the catalogue does not know. */
export interface PlotWorld {
  readonly door: Door
  /** Says something `secondsAgo`, as if it had been received then; default: now. */
  say(subject: string, fields: Fields, secondsAgo?: number): void
  /** Says the same at 5 Hz between two moments, in seconds ago. */
  sayFor(subject: string, fields: Fields, between: readonly [from: number, to: number]): void
  /** Opens the page of an instance and plots these fields, and no others, over the last minute. */
  plotOf(t: Test, id: string, fields: readonly string[]): Promise<Page>
  /** What went wrong on all of these pages. */
  problems(): readonly string[]
  stop(): Promise<void>
}

/** A test by its name, which opens pages of its own. */
export type PlotCase = readonly [name: string, run: (t: Test, world: PlotWorld) => Promise<void>]

/** Now, in TAI seconds. */
export const nowTai = (): number => taiSecondsOf(Date.now())

/** Starts it; whoever calls stops it. */
export async function startPlots(): Promise<PlotWorld> {
  const door = await startDoor({ site: loadSite('summit') })
  // Something always arrives: the link is sound whatever a test lets die.
  const beating = setInterval(() => door.observatory.say('hb.summit.ESS.301'), 500)
  const browser = await openBrowser()
  const problems: Array<readonly string[]> = []
  const say: PlotWorld['say'] = (subject, fields, secondsAgo = 0) => {
    const time = nowTai() - secondsAgo
    door.observatory.say(subject, fields, { time, received: time, uncatalogued: true })
  }
  return {
    ...{ door, say, problems: () => problems.flat() },
    sayFor(subject, fields, [from, to]) {
      for (let ago = from; ago > to; ago -= 0.2) say(subject, fields, ago)
    },
    async plotOf(t, id, fields) {
      const watched = await openPage(browser, 'about:blank')
      t.teardown(() => watched.context.close())
      problems.push(watched.problems)
      await plotLastMinute(watched.page, `${door.url}#/${id}`, fields)
      return watched.page
    },
    async stop() {
      clearInterval(beating)
      await browser.close()
      await door.stop()
    }
  }
}

/** Goes to an instance and plots these fields; resolves when their record is drawn. */
async function plotLastMinute(page: Page, url: string, fields: readonly string[]): Promise<void> {
  await watchCanvasTexts(page)
  await page.goto(url)
  for (const field of fields) {
    const button = page.getByRole('button', { name: `Plot ${field}`, exact: true }).first()
    await button.waitFor()
    if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click()
  }
  await page.getByRole('button', { name: '1 min', exact: true }).click()
  await page.waitForFunction(
    () => !/loading|failed/.test(document.querySelector('.legend')?.textContent ?? 'loading')
  )
}

/** How the moment under the pointer is told. */
export const moment = /^\d\d:\d\d:\d\d\.\d\d\d UTC$/

/** Points at a place of the plot until its moment is told and the first line of the legend has this value. */
export async function pointUntil(
  page: Page,
  { x, y }: { readonly x: number; readonly y: number },
  text: string
): Promise<void> {
  const endsAt = Date.now() + 30_000
  for (let i = 0; Date.now() < endsAt; i++) {
    await page.mouse.move(x, y + (i % 2))
    const [value, told] = await page.evaluate(async () => {
      for (let frames = 0; frames < 5; frames++) await new Promise(resolve => requestAnimationFrame(resolve))
      return ['.legend .number', '.plot-moment'].map(one => document.querySelector(one)?.textContent ?? '')
    })
    if (value === text && moment.test(told ?? '')) return
  }
  throw new Error(`the pointer never showed ${text}`)
}

/** The part of a plot of the last minute between two moments, in seconds ago. */
export const part = (from: number, to: number) => ({ from: 1 - from / 60, to: 1 - to / 60 })

/** Where the lines of a plot are drawn, in pixels of the page. */
export async function plotBox(page: Page): Promise<{ x: number; y: number; width: number }> {
  const box = await page.locator('.chart .u-over').boundingBox()
  if (box === null) throw new Error('no plot is drawn')
  return box
}

/** Where the name and the notes of each line of the legend stand, and whether all of their text is seen. */
export const legendBoxes = (page: Page) =>
  page.locator('.legend').evaluate(legend => {
    const right = legend.getBoundingClientRect().right
    return [...legend.querySelectorAll('.legend-item')].flatMap(item =>
      ['strong', '.legend-notes'].map(part => {
        const element = item.querySelector(part) as HTMLElement
        const box = element.getBoundingClientRect()
        const isWhole = element.scrollWidth <= element.offsetWidth && box.right <= right
        return { top: box.top, bottom: box.bottom, isWhole }
      })
    )
  })
