import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { type System, startSystem, whyNoSystem } from '../test/harness/start-system.ts'

// Which part is blamed when a real process stands still: link, then broker, then producer, then component.
t.setTimeout(600_000)

const skip = whyNot === false ? whyNoSystem : whyNot

/** What the page has shown since it was watched, whenever it changed; nothing in between is missed. */
interface Shown {
  readonly silent: number
  readonly banner: string
}

declare global {
  interface Window {
    /** What `watch` has noted. */
    shown: Shown[]
  }
}

/** Notes from now on whatever the page shows of silent components and in its banner. */
const watch = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const shown: Shown[] = []
    window.shown = shown
    const look = (): void => {
      const silent = document.querySelectorAll('.tile-silent').length
      const banner = document.querySelector('.banner-place')?.textContent ?? ''
      const last = shown.at(-1)
      // Ages in the banner change with each second, and are no verdict.
      const verdict = banner.replace(/[\d.:]+/g, '#')
      if (last?.silent !== silent || last.banner !== verdict) shown.push({ silent, banner: verdict })
      requestAnimationFrame(look)
    }
    look()
  })

const shownOn = (page: Page): Promise<readonly Shown[]> => page.evaluate(() => window.shown)

const banner = (page: Page, text: string | RegExp) => page.getByRole('alert').getByText(text)

/** Stops processes of the system, and lets them go on whatever becomes of the test. */
function stand(t: Test, system: System, names: readonly string[]): () => void {
  const pids = names.map(name => system.pids[name]).filter(pid => pid !== undefined)
  t.equal(pids.length, names.length, names.join(', '))
  const tell = (signal: NodeJS.Signals): void => {
    for (const pid of pids) process.kill(pid, signal)
  }
  t.teardown(() => tell('SIGCONT'))
  tell('SIGSTOP')
  return () => tell('SIGCONT')
}

/** Waits until all is well again: no banner, and every component judged and heard. */
async function healed(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('.banner') === null &&
      document.querySelectorAll('.tile-silent, .tile-unjudged').length === 0
  )
}

t.test('each part that stands still is blamed by its name, and nobody behind it', { skip }, async t => {
  const system = await startSystem()
  t.teardown(() => system.stop())
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page, problems } = await openPage(browser, system.url)
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
  await page.getByText(/processes\s*\d/).waitFor()
  await watch(page)
  const names = (part: string) => Object.keys(system.pids).filter(name => name.startsWith(part))

  for (const [part, blamed] of [
    ['gateway', /LINK STALLED|CONNECTION LOST/],
    ['nats-server', /BROKER LOST|NO DATA/],
    ['front', /LINK STALLED|CONNECTION LOST/]
  ] as const)
    await t.test(`${part} stands still`, async t => {
      const goOn = stand(t, system, names(part))
      await banner(page, blamed).waitFor()
      // Longer than a heartbeat may be missing: a wrong verdict would be on the page by now.
      await page.locator('.banner', { hasText: /UTC, ([6-9](\.\d)?|\d\d+) s ago/ }).waitFor()
      goOn()
      await healed(page)
    })

  await t.test('a producer stands still: its components are not judged, no other is concerned', async t => {
    const goOn = stand(t, system, names('producer').slice(-1))
    await banner(page, /PRODUCER \d+ SILENT: \d+ components? not judged/).waitFor()
    goOn()
    await healed(page)
  })

  await t.test('nothing at all was silent in all that time', async t => {
    const shown = await shownOn(page)
    t.comment(JSON.stringify(shown))
    t.same(
      shown.filter(({ silent }) => silent > 0),
      []
    )
  })

  await t.test(
    'the api stands still: it is named among the processes, and nobody else is blamed',
    async t => {
      const goOn = stand(t, system, ['api'])
      await page.getByText(/1 of \d+ silent/).waitFor()
      t.equal(await page.locator('.banner').count(), 0)
      goOn()
      await page.getByText(/processes\s*\d+$/).waitFor()
    }
  )

  await t.test(
    'the simulator stands still: then its components are silent, and nobody else is blamed',
    async t => {
      const goOn = stand(t, system, names('simulator'))
      await page.locator('.tile-silent').first().waitFor()
      t.equal(await page.locator('.banner').count(), 0, 'the link is sound, and so is whoever carries them')
      goOn()
      await healed(page)
    }
  )

  t.same(problems, [])
})
