import { banner, type NightCase, nowTai, overview, watchStop } from '../harness/own-night.ts'
import { stopBar, stopButton } from '../harness/page-parts.ts'

/** What a page knows after a reload, and while no door answers. */
export const reloadCases: readonly NightCase[] = [
  [
    'what happened is there after a reload: states, silence and its end, alarms with their times',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      const say = (component: string, alive: boolean, time: number): void =>
        door.observatory.say(
          `evt.summit.Liveness.0.component.${component}=2E0`,
          { component, index: 0, alive },
          { time }
        )
      say('MTDome', false, nowTai() - 0.2)
      say('MTDome', true, nowTai() - 0.1)
      door.observatory.say('evt.summit.MTPtg.0.summaryState', { summaryState: 3 })
      door.observatory.say(
        'evt.summit.Watcher.0.alarm.Old',
        {
          name: 'Old',
          severity: 3,
          maxSeverity: 3,
          reason: 'still there',
          acknowledged: false,
          timestampSeverityOldest: nowTai() - 720
        },
        {}
      )
      const changes = page.getByRole('region', { name: 'State changes' })
      await page.getByRole('link', { name: /^MTPtg:0, FAULT/ }).waitFor()
      const texts = async () => (await changes.locator('.change').allTextContents()).slice(0, 3)
      const expected = [
        /MTPtg:0 ENABLED → FAULT/,
        /MTDome:0 SILENT → heard again, ENABLED/,
        /MTDome:0 ENABLED → SILENT/
      ]
      await changes.getByText('heard again').waitFor()
      t.match(await texts(), expected)
      await page.reload()
      await changes.getByText('heard again').waitFor()
      t.match(await texts(), expected)
      t.match(
        await page.getByRole('region', { name: 'Alarms' }).textContent(),
        /SERIOUS Old\s*since \d\d:\d\d:\d\d UTC, 12 min/
      )
    }
  ],
  [
    'a stop that no door answers is looked up until the record says what became of it',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      door.lose('MTMount', 'stop', true)
      await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).click()
      await stopButton(page).waitFor()
      const seen = await watchStop(page)
      door.observatory.hold()
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      await stopBar(page).getByText('sent by the gateway').waitFor()
      t.ok((await seen()).includes('unanswered'), 'no door told it')
      t.equal(door.asked.filter(({ command }) => command === 'stop').length, 1)
    }
  ],
  [
    'a stop that no door answers and no commander took is said not to be accepted, once that is certain',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      door.lose('MTDome', 'stop', false)
      await page.goto(`${door.url}#/MTDome:0`)
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="unanswered"]').waitFor()
      await stopBar(page).getByText('the record is asked until it tells what became of it').waitFor()
      await stopBar(page).locator('[data-stop="notAccepted"]').waitFor()
      await stopBar(page).getByText('the record has no such command: nothing was accepted').waitFor()
      const entry = page.locator('.command-entry[data-command="stop"]')
      t.match(await entry.locator('summary').textContent(), /NOT ACCEPTED/)
      t.equal(await stopBar(page).getByText('the record is asked').count(), 0)
    }
  ],
  [
    'a stop that was not answered yet is still there after a reload, and so is what became of it',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      door.lose('MTDome', 'stop', false)
      await page.goto(`${door.url}#/MTDome:0`)
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="sending"]').waitFor()
      await page.reload()
      await stopBar(page)
        .getByText(/asked at \d\d:\d\d:\d\d\.\d+ UTC; no answer was known when the page was loaded again/)
        .waitFor()
      const entry = page.locator('.command-entry[data-command="stop"]')
      t.match(await entry.locator('summary').textContent(), /NO ANSWER/)
      await stopBar(page).locator('[data-stop="notAccepted"]').waitFor()
      await page.reload()
      await stopBar(page).locator('[data-stop="notAccepted"]').waitFor()
      t.match(await entry.locator('summary').textContent(), /NOT ACCEPTED/)
      t.equal(await entry.count(), 1)
    }
  ],
  [
    'the warning of a stop goes when the component answers',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      door.warn('MTDome', 'stop', 12.3)
      await page.goto(`${door.url}#/MTDome:0`)
      await stopButton(page).click()
      await stopBar(page).locator('[data-stop="complete"]').waitFor()
      t.notMatch(await page.locator('body').textContent(), /CMD_OFFLINE|When it was accepted/)
    }
  ],
  [
    'a lost connection is unmistakable, and heals at once when the network is back',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      const attention = page.getByRole('region', { name: 'Needs attention' })
      await attention.getByText('No component in FAULT, none silent').waitFor()
      door.shut()
      await banner(page, 'CONNECTION LOST').waitFor()
      t.match(await attention.textContent(), /Needs attention \?Not known: there is no sound link/)
      t.match(await page.locator('main').evaluate(main => getComputedStyle(main).filter), /grayscale/)
      await page.locator('.chip-link', { hasText: 'reconnecting' }).waitFor()
      // So many that the pause before the next has grown to some seconds.
      await door.refused(4)
      door.open()
      await page.evaluate(() => dispatchEvent(new Event('online')))
      await banner(page, 'CONNECTION LOST').waitFor({ state: 'detached' })
      await attention.getByText('No component in FAULT, none silent').waitFor()
      door.observatory.tell({ op: 'broker', broker: 'lost', time: 0 })
      await banner(page, 'BROKER LOST').waitFor()
      await attention.getByText('Not known').waitFor()
      door.observatory.tell({ op: 'broker', broker: 'connected', time: 0 })
      await banner(page, 'BROKER LOST').waitFor({ state: 'detached' })
      t.pass()
    }
  ]
]
