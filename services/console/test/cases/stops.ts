import { loadSite } from '@meridian/catalogue'
import type { Case } from '../harness/cases.ts'
import { meIn } from '../harness/http-door.ts'
import { openPage } from '../harness/open-browser.ts'
import { stopBar, stopButton } from '../harness/page-parts.ts'

/** The stop bar, and components that are not heard any more. */
export const stopCases: readonly Case[] = [
  [
    'a stop is at hand: in sight, large, and reached by the keyboard',
    async (t, { browser, door }) => {
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
    }
  ],
  [
    'the chord stops from wherever one is, and says so',
    async (t, { door, open }) => {
      const { page } = await open('#/MTHexapod:1')
      await page.getByRole('combobox', { name: 'Command' }).selectOption('move')
      await page.getByRole('textbox', { name: 'x', exact: true }).fill('1')
      await page.keyboard.press('Alt+Shift+S')
      await stopBar(page).getByRole('status').getByText('COMPLETE').waitFor()
      t.match(
        door.asked.filter(({ csc }) => csc === 'MTHexapod'),
        [{ index: 1, command: 'stop', params: {} }]
      )
      t.equal(await page.getByRole('textbox', { name: 'x', exact: true }).inputValue(), '1')
      t.equal(await stopButton(page).getAttribute('aria-keyshortcuts'), 'Alt+Shift+S')
      t.match(await stopBar(page).textContent(), /Alt\+Shift\+S sends stop/)
    }
  ],
  [
    'a dialog over the page has the stop too: pressed, it goes out and what was asked does not',
    async (t, { door, open }) => {
      const { page } = await open('#/MTRotator:0')
      await page.getByRole('button', { name: 'disable' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'stop', exact: true }).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      t.equal(await dialog.count(), 0)
      t.match(
        door.asked.filter(({ csc }) => csc === 'MTRotator'),
        [{ command: 'stop' }]
      )
    }
  ],
  [
    'the chord over a dialog stops, and takes back what was about to be asked',
    async (t, { door, open }) => {
      const asked = () => door.asked.filter(({ csc }) => csc === 'MTHexapod')
      const before = asked().length
      const { page } = await open('#/MTHexapod:1')
      await page.getByRole('button', { name: 'disable' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.waitFor()
      await page.keyboard.press('Alt+Shift+S')
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      t.equal(await dialog.count(), 0)
      t.match(asked().slice(before), [{ command: 'stop' }])
    }
  ],
  [
    'a silent component keeps its last state and its stop, and its values look old',
    async (t, { night, open }) => {
      const { page } = await open('#/MTRotator:0')
      await page.locator('.state', { hasText: 'ENABLED' }).waitFor()
      await page
        .getByRole('button', { name: /^Plot / })
        .first()
        .click()
      night.silence('MTRotator:0')
      await page.getByText(/last known ENABLED, SILENT for \d+/).waitFor()
      await page.locator('.instance-dead').waitFor()
      for (const what of ['.row-value', '.legend-item strong']) {
        const style = await page
          .locator(what)
          .first()
          .evaluate(at => getComputedStyle(at).fontStyle)
        t.equal(style, 'italic', `${what} is no present value`)
      }
      await stopBar(page).getByText('MTRotator:0 is SILENT').waitFor()
      t.ok(await stopButton(page).isEnabled())
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
    }
  ],
  [
    'values that still come are not called old where the heartbeat alone is missing',
    async (t, { door, night, open }) => {
      const { page } = await open('#/ATPneumatics:0')
      const say = (): void =>
        door.observatory.say('tel.summit.ATPneumatics.0.mainAirSourcePressure', { pressure: Math.random() })
      say()
      const timer = setInterval(say, 200)
      t.teardown(() => clearInterval(timer))
      await page.getByRole('button', { name: 'Plot pressure' }).waitFor()
      night.silence('ATPneumatics:0')
      await page.getByText(/last known ENABLED, SILENT for .*it still sends data/).waitFor()
      t.equal(await page.locator('.instance-dead, .last-values').count(), 0)
      clearInterval(timer)
      await page.getByText(/last known ENABLED, SILENT for .*all values below are old/).waitFor()
      await page.locator('.instance-dead').waitFor()
    }
  ],
  [
    'one in FAULT or OFFLINE that is not heard any more looks as dead as a silent one, everywhere',
    async (t, { door, night, open }) => {
      const dead = [
        ['MTHexapod:2', 'FAULT'],
        ['ATDome:0', 'OFFLINE']
      ] as const
      const { page } = await open('#/')
      for (const [id, state] of dead) await page.getByRole('link', { name: `${id}, ${state}` }).waitFor()
      t.equal(await page.locator('.tile-dead', { hasText: 'MTHexapod:2' }).count(), 0, 'heard as yet')
      night.silence(...dead.map(([id]) => id))
      for (const [id, state] of dead) {
        await page.locator(`.tile-dead[data-id="${id}"]`, { hasText: `${state}` }).waitFor()
        t.match(
          await page.locator(`[data-id="${id}"]`).getAttribute('aria-label'),
          new RegExp(`${id}, ${state}, .*not heard, \\d`)
        )
      }
      for (const [id, state] of dead) {
        await page.goto(`${door.url}#/${id}`)
        await page.getByText(new RegExp(`last known ${state}, not heard for \\d+`)).waitFor()
        await page.locator('.instance-dead').waitFor()
        await stopBar(page).getByText(`${id} is ${state} and not heard`).waitFor()
        await page.locator('.plot .last-values', { hasText: `${state}: last values` }).waitFor()
      }
    }
  ],
  [
    'a stop that takes parameters goes with those of the site',
    async (t, { door, open }) => {
      const { page } = await open('#/MTDome:0')
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      t.match(
        door.asked.filter(({ csc }) => csc === 'MTDome'),
        [{ csc: 'MTDome', command: 'stop', params: { engageBrakes: false, subSystemIds: 2047 } }]
      )
    }
  ],
  [
    'a stop that the gateway does not take goes by the api, under the same id',
    async (t, { door, open }) => {
      const { page } = await open('#/MTDome:0')
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      await stopBar(page).getByText('sent by the gateway').waitFor()
      const before = door.asked.filter(({ csc }) => csc === 'MTDome').length
      t.teardown(door.muffle('MTDome', 'stop'))
      await stopButton(page).click()
      await stopBar(page).getByText('sent by HTTP to the api').waitFor()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      const entry = page.locator('.command-entry[data-command="stop"]').first()
      const { id = '', command } = door.asked.filter(({ csc }) => csc === 'MTDome')[before] ?? {}
      t.equal(command, 'stop')
      await entry.getByText(`id ${id}`).waitFor()
      t.equal(await entry.locator('[data-state="complete"]').count(), 1, 'each stage stands there once')
    }
  ],
  [
    'what the role may not send looks so before it is pressed, and names the role that may',
    async (t, { browser, door }) => {
      const { page, context } = await openPage(browser, 'about:blank')
      const me = JSON.stringify(meIn(loadSite('summit'), 'viewer'))
      await page.route('**/api/me', route => route.fulfill({ contentType: 'application/json', body: me }))
      await page.goto(`${door.url}#/MTHexapod:1`)
      const text = 'You may not send stop: your role is viewer, it needs operator.'
      await page.locator('.stop-bar').getByText(text).waitFor()
      t.equal(await stopButton(page).getAttribute('title'), text)
      t.ok(await stopButton(page).isEnabled(), 'a stop may be tried all the same')
      t.ok(await page.getByRole('button', { name: 'disable', exact: true }).isDisabled())
      await page.getByRole('combobox', { name: 'Command' }).selectOption('move')
      const form = page.getByRole('form', { name: 'Command move' })
      await form.getByText('You may not send move').waitFor()
      t.ok(await form.getByRole('button', { name: 'Send move' }).isDisabled())
      await context.close()
    }
  ]
]
