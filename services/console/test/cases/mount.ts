import type { Case } from '../harness/cases.ts'
import { openPage } from '../harness/open-browser.ts'
import { stopBar, stopButton } from '../harness/page-parts.ts'

/** The page of the mount: its values, its plot, and the commands to it. */
export const mountCases: readonly Case[] = [
  [
    'an instance page shows values with units and plots them from the history held',
    async (t, { door, open }) => {
      const { page, problems } = await open('#/MTMount:0')
      const row = page.locator('.row-field', {
        has: page.getByRole('button', { name: 'Plot actualPosition', exact: true })
      })
      // Units come with the catalogue, perhaps after the value.
      await row
        .filter({ hasText: /actualPosition\s*-?\d+\.\d+\s*deg/ })
        .first()
        .waitFor()
      await page.locator('.instance-head', { hasText: /heartbeat \d+\.\d s/ }).waitFor()
      await page.locator('.chart canvas').waitFor()
      t.equal(
        await row.first().getByRole('button').getAttribute('aria-pressed'),
        'true',
        'plotted from the start'
      )
      await page.getByRole('button', { name: 'Pause', exact: true }).first().click()
      await page.getByRole('button', { name: 'Paused: go live' }).click()
      door.observatory.say('evt.summit.MTMount.0.logMessage', {
        level: 40,
        message: 'the axis squeaks',
        traceback: ''
      })
      await page.getByRole('button', { name: /serious logMessage the axis squeaks/ }).waitFor()
      await page.waitForFunction(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')
        if (canvas === null) return false
        const { width, height } = canvas
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
        let line = 0
        for (let i = 0; i < pixels.length; i += 4)
          if (pixels[i] === 0x56 && pixels[i + 1] === 0xb4 && pixels[i + 2] === 0xe9) line += 1
        return line > 20
      })
      t.pass('the line is drawn')
      t.same(problems, [])
    }
  ],
  [
    'a plot begins with what an operator looks at first, and a choice outlives a reload',
    async (t, { open }) => {
      const { page, problems } = await open('#/MTMount:0')
      const legend = page.locator('.legend-item')
      const shown = async () => (await legend.locator('strong').allTextContents()).join()
      await legend.nth(1).waitFor()
      t.match((await legend.allTextContents()).join(), /azimuth\.actualPosition.*elevation\.actualPosition/)
      await page.getByRole('button', { name: 'Remove actualPosition' }).nth(1).click()
      await page.getByRole('button', { name: 'Plot demandVelocity' }).first().click()
      await page.getByRole('button', { name: '15 min' }).click()
      t.equal(await shown(), 'actualPosition,demandVelocity')
      await page.reload()
      await legend.nth(1).waitFor()
      t.equal(await shown(), 'actualPosition,demandVelocity')
      t.equal(await page.getByRole('button', { name: '15 min' }).getAttribute('aria-pressed'), 'true')
      await page.getByRole('link', { name: 'Back to overview' }).click()
      await page.getByRole('link', { name: 'ESS:301, ENABLED' }).click()
      await page.locator('.legend-item', { hasText: 'temperatureItem[0]' }).waitFor()
      t.equal(
        await page.getByRole('button', { name: '5 min', exact: true }).getAttribute('aria-pressed'),
        'true'
      )
      t.same(problems, [])
    }
  ],
  [
    'timestamps of other fields stay out of the table until asked for',
    async (t, { open }) => {
      const { page } = await open('#/MTMount:0')
      await page.getByRole('button', { name: 'Plot actualPosition', exact: true }).first().waitFor()
      const stamps = page.locator('.row-field', { hasText: 'actualPositionTimestamp' })
      t.equal(await stamps.count(), 0)
      const toggle = page.getByRole('checkbox', { name: 'Timestamps' })
      await toggle.check()
      await stamps.first().waitFor()
      const ink = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate(element => getComputedStyle(element).color)
      t.not(await ink('.row-timestamp .row-value'), await ink('.row-field:not(.row-timestamp) .row-value'))
      await page.reload()
      await stamps.first().waitFor()
      await toggle.uncheck()
      await stamps.first().waitFor({ state: 'detached' })
      await page.getByRole('searchbox', { name: 'Find' }).first().fill('PositionTimestamp')
      await stamps.first().waitFor()
    }
  ],
  [
    "a command asks first, and each of its stages appears with SAL's words",
    async (t, { open }) => {
      const { page } = await open('#/MTMount:0')
      await page.getByRole('combobox', { name: 'Command' }).selectOption('moveToTarget')
      await page.getByRole('button', { name: 'Send moveToTarget' }).click()
      await page.getByText('a value is needed').first().waitFor()
      await page.getByRole('textbox', { name: 'azimuth' }).fill('400')
      await page.getByRole('textbox', { name: 'elevation' }).fill('60.123456789')
      const send = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Send moveToTarget' }).click()
        const dialog = page.getByRole('dialog')
        t.match(await dialog.textContent(), /elevation60\.123456789 deg/, 'with every digit, and its units')
        await dialog.getByRole('button', { name: 'Send moveToTarget' }).click()
      }
      await send()
      await page.getByText('expected double, -360 to 360, got 400').waitFor()
      await page.getByRole('textbox', { name: 'azimuth' }).fill('10')
      await send()
      const entry = page.locator('.command-entry').first()
      for (const stage of ['accepted', 'dispatching', 'inProgress', 'complete'])
        await entry.locator(`[data-state="${stage}"]`).waitFor()
      t.match(await entry.textContent(), /CMD_INPROGRESS 301[\s\S]*CMD_COMPLETE 303 · Done/)
      t.equal(await page.locator('.command-entry').count(), 2, 'what was refused stays on the list')
    }
  ],
  [
    'a stop goes at once, a cancelled command never',
    async (t, { open }) => {
      const { page } = await open('#/MTMount:0')
      await page.getByRole('button', { name: 'disable' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
      t.equal(await page.locator('.command-entry[data-command="disable"]').count(), 0)
      await page.getByRole('button', { name: 'stop', exact: true }).click()
      await page.locator('.command-entry[data-command="stop"] [data-state="complete"]').waitFor()
      t.equal(await page.getByRole('dialog').count(), 0)
    }
  ],
  [
    'an api that is away is asked until it comes, and a stop does not wait',
    async (t, { open }) => {
      const { page } = await open('#/MTMount:0')
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
    }
  ],
  [
    'a reload and a second tab show what was commanded, and by whom',
    async (t, { browser, door, open }) => {
      const { page } = await open('#/MTMount:0')
      const other = await openPage(browser, `${door.url}#/MTMount:0`)
      t.teardown(() => other.context.close())
      await other.page.getByRole('combobox', { name: 'Command' }).waitFor()
      await page.getByRole('combobox', { name: 'Command' }).selectOption('moveToTarget')
      await page.getByRole('textbox', { name: 'azimuth' }).fill('12.123456789')
      await page.getByRole('textbox', { name: 'elevation' }).fill('45')
      await page.getByRole('button', { name: 'Send moveToTarget' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('12.123456789 deg').waitFor()
      t.match(await dialog.textContent(), /now -?\d[\d.]+ deg \(azimuth.actualPosition\)/)
      await dialog.getByRole('button', { name: 'Send moveToTarget' }).click()
      for (const one of [page, other.page]) {
        const entry = one.locator('.command-entry[data-command="moveToTarget"]').first()
        await entry.locator('[data-state="inProgress"]').waitFor()
        await entry.getByText('by somebody not logged in (open mode)').waitFor()
        await entry.locator('[data-state="complete"]').waitFor()
      }
      await page.reload()
      const entry = page.locator('.command-entry[data-command="moveToTarget"]').first()
      await entry.getByText('by somebody not logged in (open mode)').waitFor()
      t.match(await entry.textContent(), /azimuth=12\.123456789 elevation=45[\s\S]*COMPLETE/)
    }
  ]
]
