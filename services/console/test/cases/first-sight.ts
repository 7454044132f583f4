import type { Case } from '../harness/cases.ts'
import { openPage } from '../harness/open-browser.ts'

/** What a person sees who opens the page, while nothing has happened yet. */
export const firstSightCases: readonly Case[] = [
  [
    'a person sees every instance with its state in words',
    async (t, { browser, door }) => {
      const { page, context, problems } = await openPage(browser, door.url)
      t.teardown(() => context.close())
      await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
      await page.getByRole('link', { name: 'ATMCS:0, FAULT, error 6051' }).waitFor()
      await page.getByRole('link', { name: 'CBP:0, STANDBY' }).waitFor()
      await page.getByRole('link', { name: 'LinearStage:102, OFFLINE' }).waitFor()
      t.equal(await page.locator('.tile').count(), 122)
      t.match(await page.locator('.count-enabled').textContent(), /116\s*ENABLED/)
      t.match(
        await page.getByRole('region', { name: 'Alarms' }).textContent(),
        /CRITICAL Temperature.MTCamera/
      )
      const grid = page.locator('.grid')
      t.ok(
        await grid.evaluate(element => element.scrollHeight <= element.clientHeight),
        'the summit fits a wall display without scrolling'
      )
      t.match(
        await page.locator('.header').textContent(),
        /summit[\s\S]*UTC[\s\S]*TAI[\s\S]*gateway-1[\s\S]*connected/
      )
      t.same(problems, [])
    }
  ],
  [
    'the header stays on one line on every screen of 1,100 px or more',
    async (t, { browser, door }) => {
      const { page, context } = await openPage(browser, door.url)
      t.teardown(() => context.close())
      await page.locator('.chip-sound').waitFor()
      await page.locator('.processes').waitFor()
      for (const width of [1920, 1500, 1440, 1366, 1280, 1200, 1100]) {
        await page.setViewportSize({ width, height: 700 })
        const { height } = await page.locator('.header').evaluate(header => header.getBoundingClientRect())
        t.ok(height < 50, `${width}: ${height}`)
      }
    }
  ]
]
