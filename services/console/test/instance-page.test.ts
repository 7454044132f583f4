import { loadSite } from '@meridian/catalogue'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { type Night, startNight } from './harness/night.ts'
import { openBrowser, openPage, whyNot } from './harness/open-browser.ts'
import { type Door, startDoor } from './harness/start-door.ts'

t.setTimeout(180_000)

const site = loadSite('summit')
let door: Door
let night: Night
let browser: Browser

t.before(async () => {
  if (whyNot !== false) return
  door = await startDoor({ site })
  night = startNight(door.observatory, 'summit', site.instances, { telemetryOf: ['MTMount:0'] })
  browser = await openBrowser()
})

t.after(async () => {
  if (whyNot !== false) return
  await browser.close()
  night.stop()
  await door.stop()
})

const stopBar = (page: Page) => page.getByRole('region', { name: 'Stop', exact: true })
const stopButton = (page: Page) => stopBar(page).getByRole('button', { name: 'stop', exact: true })

t.test('a panel that fails says so in its place, and takes no other with it', { skip: whyNot }, async t => {
  const { page, context, problems } = await openPage(browser, door.url)
  t.teardown(() => context.close())
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
  await page.evaluate(() => {
    const { getContext } = HTMLCanvasElement.prototype
    Object.assign(globalThis, {
      mend: () => Object.assign(HTMLCanvasElement.prototype, { getContext })
    })
    HTMLCanvasElement.prototype.getContext = () => {
      throw new Error('no canvas today')
    }
  })
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).click()
  const plot = page.getByRole('region', { name: 'Plot', exact: true })
  await plot.getByRole('alert').getByText('no canvas today').waitFor()
  await page.getByRole('button', { name: 'Plot actualPosition', exact: true }).first().waitFor()
  await page.getByRole('combobox', { name: 'Command' }).waitFor()
  await page.getByRole('region', { name: 'Events', exact: true }).waitFor()
  t.ok(
    problems.some(problem => problem.includes("panel 'Plot' failed")),
    'a developer finds it in the console'
  )
  await page.evaluate(() => (globalThis as unknown as { mend(): void }).mend())
  await plot.getByRole('button', { name: 'Try again' }).click()
  await plot.locator('.chart canvas').waitFor()
})

t.test('an api that is away is asked until it comes, and a stop does not wait', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`)
  t.teardown(() => context.close())
  await stopButton(page).waitFor()
  await page.route('**/api/**', route => route.abort())
  await page.reload()
  await page.getByText('Waiting for the api').first().waitFor()
  await stopButton(page).click()
  await stopBar(page).locator('[data-stop="complete"]').waitFor()
  t.equal(await page.getByRole('combobox', { name: 'Command' }).count(), 0)
  await page.unroute('**/api/**')
  await page.getByRole('combobox', { name: 'Command' }).waitFor()
  const position = page.locator('.row-field', { hasText: 'actualPosition' }).first()
  await position.locator('.row-units', { hasText: 'deg' }).waitFor()
})

t.test('a stop is at hand: in sight, large, and reached by the keyboard', { skip: whyNot }, async t => {
  for (const size of [
    { width: 1280, height: 800 },
    { width: 820, height: 1180 }
  ]) {
    const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`, size)
    await stopButton(page).waitFor()
    await page.locator('.chart canvas').waitFor()
    await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight))
    t.ok(
      await stopButton(page).evaluate(button => {
        const { left, top, width, height } = button.getBoundingClientRect()
        const found = document.elementFromPoint(left + width / 2, top + height / 2)
        return found === button && width >= 44 && height >= 44
      }),
      `${size.width}: wherever the page stands, 44 px at least`
    )
    let tabs = 0
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    do await page.keyboard.press('Tab')
    while (++tabs < 20 && (await focused()) !== 'stop')
    t.ok(tabs <= 6, `${tabs} tabs to it`)
    await context.close()
  }
})

t.test('the chord stops from wherever one is, and says so', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`)
  t.teardown(() => context.close())
  await page.getByRole('combobox', { name: 'Command' }).selectOption('moveToTarget')
  await page.getByRole('textbox', { name: 'azimuth' }).fill('1')
  const before = door.asked.length
  await page.keyboard.press('Alt+Shift+S')
  await stopBar(page).getByRole('status').getByText('COMPLETE').waitFor()
  t.match(door.asked.slice(before), [{ csc: 'MTMount', command: 'stop', params: {} }])
  t.equal(await page.getByRole('textbox', { name: 'azimuth' }).inputValue(), '1')
  t.equal(await stopButton(page).getAttribute('aria-keyshortcuts'), 'Alt+Shift+S')
  t.match(await stopBar(page).textContent(), /Alt\+Shift\+S sends stop/)
})

t.test('a stop that takes parameters goes with those of the site', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTDome:0`)
  t.teardown(() => context.close())
  const before = door.asked.length
  await stopButton(page).click()
  await stopBar(page).locator('[data-stop="complete"]').waitFor()
  t.match(door.asked.slice(before), [
    { csc: 'MTDome', command: 'stop', params: { engageBrakes: false, subSystemIds: 2047 } }
  ])
})

t.test(
  'a silent component keeps its last state and its stop, and its values look old',
  { skip: whyNot },
  async t => {
    const { page, context } = await openPage(browser, `${door.url}#/MTRotator:0`)
    t.teardown(() => context.close())
    await page.locator('.state', { hasText: 'ENABLED' }).waitFor()
    night.silence('MTRotator:0')
    await page.getByText(/last known ENABLED, SILENT for \d+/).waitFor()
    await page.locator('.instance-old').waitFor()
    await stopBar(page).getByText('MTRotator:0 is SILENT').waitFor()
    t.ok(await stopButton(page).isEnabled())
    await stopButton(page).click()
    await stopBar(page).locator('[data-stop="complete"]').waitFor()
  }
)

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
