import { violationsOf } from '../harness/axe.ts'
import type { Case } from '../harness/cases.ts'
import { contrastsOf } from '../harness/contrast.ts'
import { openPage } from '../harness/open-browser.ts'

/** Texts on a hatched ground, which axe does not judge. */
const HATCHED = [
  '.tile-silent .tile-state',
  '.tile-silent .tile-age',
  '.tile-dead .tile-state',
  '.tile-fault.tile-dead .tile-state'
]

/** What the overview shows, and the ways from it. */
export const overviewCases: readonly Case[] = [
  [
    'the page of an instance is fetched apart from the overview, and until it comes',
    async (t, { browser, door }) => {
      const { page, context } = await openPage(browser, 'about:blank')
      t.teardown(() => context.close())
      const code = /\/assets\/instance-page-/
      let asked = 0
      let isSeen = (): void => undefined
      const seen = new Promise<void>(resolve => {
        isSeen = resolve
      })
      await page.route(code, async route => {
        asked++
        if (asked === 1) return route.abort()
        await seen
        return route.continue()
      })
      await page.goto(`${door.url}#/MTMount:0`)
      await page.getByText('Loading the page of MTMount').waitFor()
      isSeen()
      await page.getByRole('heading', { name: 'MTMount:0' }).waitFor()
      t.equal(asked, 2, 'what failed once is asked for again')
    }
  ],
  [
    'a component whose heartbeat stops is shown as silent and never as healthy',
    async (t, { night, open }) => {
      const { page } = await open('#/')
      await page.getByRole('link', { name: 'MTPtg:0, ENABLED' }).waitFor()
      night.silence('MTPtg:0')
      await page.getByRole('link', { name: 'MTPtg:0, SILENT' }).waitFor()
      t.match(await page.locator('[data-id="MTPtg:0"]').textContent(), /SILENT\s*\d+(\.\d)? s/)
      t.equal(await page.getByRole('link', { name: 'MTPtg:0, ENABLED' }).count(), 0)
      t.match(await page.getByRole('region', { name: 'Needs attention' }).textContent(), /MTPtg:0 SILENT/)
    }
  ],
  [
    'a device that nobody knows appears at once and can be plotted',
    async (t, { door, open }) => {
      const { page } = await open('#/')
      await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
      const climate = (): void =>
        door.observatory.say('tel.summit.Greenhouse.0.climate', { celsius: 21.5 }, { uncatalogued: true })
      climate()
      const link = page.getByRole('link', { name: 'Greenhouse:0, REPORTING, not in the catalogue' })
      await link.waitFor()
      const mark = link.locator('.tile-mark')
      t.equal(await mark.textContent(), 'not listed')
      t.ok(
        await mark.evaluate(
          e =>
            e.scrollWidth <= e.clientWidth &&
            e.getBoundingClientRect().right <= (e.parentElement?.getBoundingClientRect().right ?? 0)
        ),
        'the mark stands whole on its tile'
      )
      await link.click()
      await page.getByRole('button', { name: 'Plot celsius' }).click()
      climate()
      await page.locator('.legend', { hasText: 'climate.celsius' }).getByText('21.5').waitFor()
      t.equal(await page.locator('.chart canvas').count(), 1)
      t.match(
        await page.getByRole('region', { name: 'Commands', exact: true }).textContent(),
        /does not know Greenhouse: there are no forms/
      )
    }
  ],
  [
    'a catalogue that answers late still gives the table its units and labels',
    async (t, { open }) => {
      const { page } = await open('#/')
      let answer = (): void => {}
      const asked = new Promise<void>(resolve => {
        answer = resolve
      })
      await page.route('**/api/catalogue/MTMount', async route => {
        await asked
        await route.continue()
      })
      await page.getByRole('link', { name: /MTMount:0/ }).click()
      const position = page.locator('.row-field', { hasText: 'actualPosition' }).first()
      await position.waitFor()
      t.equal(await position.locator('.row-units').textContent(), '')
      answer()
      await position.locator('.row-units', { hasText: 'deg' }).waitFor()
    }
  ],
  [
    'the keyboard leads from the search to an instance and back',
    async (t, { open }) => {
      const { page } = await open('#/')
      await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('mtm')
      await page.waitForFunction(() => document.querySelectorAll('.tile').length < 20)
      await page.keyboard.press('ArrowDown')
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-id'))
      t.equal(await focused(), 'MTM1M3:0')
      await page.keyboard.press('ArrowRight')
      t.equal(await focused(), 'MTM1M3TS:0')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'MTM1M3:0' }).waitFor()
      await page.goBack()
      await page.getByRole('link', { name: 'MTM1M3:0' }).waitFor()
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => document.querySelectorAll('.tile').length > 100)
      await page.locator('.count-fault').click()
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 2)
    }
  ],
  [
    'no axe rule is violated on the overview and the page of an instance, in both themes',
    async (t, { browser, door }) => {
      for (const [hash, ready] of [
        ['', '.tile-standby'],
        ['#/MTMount:0', '.chart canvas']
      ] as const) {
        const { page, context } = await openPage(browser, door.url + hash)
        await page.locator(ready).first().waitFor()
        if (hash !== '') await page.getByRole('checkbox', { name: 'Timestamps' }).check()
        for (const theme of ['dark', 'light']) {
          if (theme === 'light') await page.getByRole('button', { name: 'Light theme' }).click()
          t.same(await violationsOf(page), [], `${theme} ${hash}`)
          const poor = (await contrastsOf(page, HATCHED)).filter(one => one.ratio < 4.5)
          t.same(poor, [], `${theme} ${hash}: texts on hatched ground below 4.5 to 1`)
        }
        await context.close()
      }
    }
  ],
  [
    'an address that leads nowhere says so, and leads to what may have been meant',
    async (t, { open }) => {
      const { page } = await open('#/mtmount/0')
      await page.getByRole('heading', { name: 'No such page' }).waitFor()
      t.same(await violationsOf(page), [])
      const meant = page.getByRole('list', { name: 'Perhaps meant' }).getByRole('link', { name: 'MTMount:0' })
      await meant.click()
      await page.getByRole('heading', { name: 'MTMount:0' }).waitFor()
      await page.evaluate(() => location.assign('#/MTMount:7'))
      await page.getByText('not listed in this site, and never heard').waitFor()
      await meant.click()
      await page.getByRole('heading', { name: 'MTMount:0' }).waitFor()
      t.equal(await page.getByText('not listed in this site').count(), 0)
    }
  ]
]
