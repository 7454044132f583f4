import { loadSite } from '@meridian/catalogue'
import { taiSecondsOf } from '@meridian/time'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { type Night, startNight } from './night.ts'
import { newContext, openPage } from './open-browser.ts'
import { type Door, startDoor } from './start-door.ts'

/** Some of the summit, so that a page of each test costs little: those that a test names, and those beside. */
const INSTANCES = ['MTMount:0', 'MTDome:0', 'MTPtg:0', 'MTRotator:0', 'ESS:301', 'Watcher:0', 'ATDome:0']
const summit = loadSite('summit')
const site = {
  ...summit,
  instances: summit.instances.filter(({ csc, index }) => INSTANCES.includes(`${csc}:${index}`))
}
/** TAI seconds of now. */
export const nowTai = (): number => taiSecondsOf(Date.now())

declare global {
  interface Window {
    /** The most tiles that were silent at once: `watchSilence`. */
    mostSilent: number
    /** Stages that the stop bar has shown: `watchStop`. */
    seenStops: string[]
  }
}

interface Scene {
  readonly door: Door
  readonly night: Night
  readonly page: Page
  readonly problems: readonly string[]
}

/** A night of its own for each test, on the overview. */
export async function overview(t: Test, browser: Browser, script?: () => void): Promise<Scene> {
  const door = await startDoor({ site })
  const night = startNight(door.observatory, 'summit', site.instances)
  const context = await newContext(browser)
  if (script !== undefined) await context.addInitScript(script)
  t.teardown(async () => {
    await context.close()
    night.stop()
    await door.stop()
  })
  const { page, problems } = await openPage(browser, door.url, undefined, context)
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
  return { door, night, page, problems }
}

/** How many components the overview counts of a condition. */
export const count = async (page: Page, condition: string): Promise<number> =>
  Number(await page.locator(`.count-${condition} .count-number`).textContent())

/** Notes from now on the most tiles that were silent at once, whatever the page shows in between. */
export async function watchSilence(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    let most = 0
    const look = (): void => {
      most = Math.max(most, document.querySelectorAll('.tile-silent').length)
      window.mostSilent = most
      requestAnimationFrame(look)
    }
    look()
  })
  return () => page.evaluate(() => window.mostSilent)
}

/** Notes from now on each stage that the stop bar shows. */
export async function watchStop(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const seen: string[] = []
    window.seenStops = seen
    const look = (): void => {
      const stage = document.querySelector<HTMLElement>('[data-stop]')?.dataset['stop']
      if (stage !== undefined) seen.push(stage)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  return () => page.evaluate(() => window.seenStops)
}

/** A text in what goes across the page. */
export const banner = (page: Page, text: string) => page.getByRole('alert').getByText(text)

/** A test by its name, which makes itself a night of its own. */
export type NightCase = readonly [name: string, run: (t: Test, browser: Browser) => Promise<void>]
