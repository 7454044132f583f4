import { existsSync } from 'node:fs'
import { findChromium } from '@meridian/testing'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const executablePath = findChromium()
const WINDOW = { width: 1920, height: 1080 }
const built = new URL('../../dist/index.html', import.meta.url)

/** Why the browser tests cannot run here; false when they can. */
export const whyNot: string | false = !existsSync(executablePath)
  ? `no Chromium at ${executablePath}: set CHROMIUM_BIN`
  : !existsSync(built) && 'the console is not built: pnpm build'

/** Starts Chromium without a window, as every test sees it; whoever calls closes it. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-background-networking'] })

/**
 * A context of its own. What a test gives a page to run is compiled by tsx, which wraps named functions in a
 * function `__name`: pages have one.
 */
export async function newContext(browser: Browser, size = WINDOW): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: size })
  await context.addInitScript('globalThis.__name = target => target')
  return context
}

/** A page and what went wrong on it: exceptions and refusals of the content policy. */
export interface Watched {
  readonly page: Page
  readonly context: BrowserContext
  readonly problems: string[]
}

/**
 * Opens a page, in a context of its own unless one is given; `problems` collects what a developer would see in
 * red.
 */
export async function openPage(
  browser: Browser,
  url: string,
  size = WINDOW,
  given?: BrowserContext
): Promise<Watched> {
  const context = given ?? (await newContext(browser, size))
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error' && !message.text().includes('WebSocket')) problems.push(message.text())
  })
  await page.addInitScript(() => {
    const tasks: number[] = []
    Object.assign(globalThis, { longTasks: tasks })
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) tasks.push(entry.duration)
    }).observe({ type: 'longtask', buffered: true })
  })
  // With a second run of all tests beside it a browser stands still for half a minute.
  page.setDefaultTimeout(120_000)
  await page.goto(url)
  return { page, context, problems }
}
