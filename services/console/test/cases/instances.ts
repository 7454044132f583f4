import { ackOf, intakeOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
import type { Case } from '../harness/cases.ts'
import { openPage } from '../harness/open-browser.ts'

declare global {
  interface Window {
    /** Gives canvases back to a page from which a test has taken them. */
    mend(): void
  }
}

/** Pages of other instances: what is odd, long or past. */
export const instanceCases: readonly Case[] = [
  [
    'a panel that fails says so in its place, and takes no other with it',
    async (t, { browser, door }) => {
      const { page, context, problems } = await openPage(browser, door.url)
      t.teardown(() => context.close())
      await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
      await page.evaluate(() => {
        const { getContext } = HTMLCanvasElement.prototype
        window.mend = () => void Object.assign(HTMLCanvasElement.prototype, { getContext })
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
      // At once, for the panel tries again by itself, too.
      await plot.getByRole('button', { name: 'Try again' }).evaluate((button: HTMLElement) => {
        window.mend()
        button.click()
      })
      await plot.locator('.chart canvas').waitFor()
    }
  ],
  [
    'an array of 150,000 numbers is shown beside everything else',
    async (t, { door, open }) => {
      const { page, problems } = await open('#/Huge:0')
      const say = (topic: string, fields: object): void =>
        door.observatory.say(`evt.summit.Huge.0.${topic}`, { ...fields }, { uncatalogued: true })
      const a = Array.from({ length: 150_000 }, (_, i) => i % 100)
      door.observatory.say('tel.summit.Huge.0.small', { celsius: 21.5 }, { uncatalogued: true })
      door.observatory.say('tel.summit.Huge.0.array', { a }, { uncatalogued: true })
      say('arrayToo', { a })
      say('word', { text: 'hello' })
      await page.getByRole('button', { name: 'Plot celsius' }).waitFor()
      await page.locator('.row-log', { hasText: 'text=hello' }).waitFor()
      await page.locator('.row-log', { hasText: 'arrayToo' }).click()
      await page.locator('.log-detail', { hasText: 'arrayToo' }).waitFor()
      t.equal(await page.locator('.panel-failed').count(), 0)
      t.same(
        problems.filter(problem => !problem.includes('404')),
        [],
        'but that no catalogue knows the device'
      )
    }
  ],
  [
    'the first press on the only field of an unlisted device never takes its line from the plot',
    async (t, { door, open }) => {
      const { page } = await open('#/Barometer:0')
      let pressure = 740
      const say = () =>
        door.observatory.say('tel.summit.Barometer.0.air', { hPa: ++pressure }, { uncatalogued: true })
      say()
      const field = page.getByRole('button', { name: 'Plot hPa' })
      // At the very moment at which the plot begins by itself, with the first change: nobody can have seen that.
      await field.evaluate(button => {
        const watch = new MutationObserver(() => {
          if (button.getAttribute('aria-pressed') !== 'true') return
          watch.disconnect()
          ;(button as HTMLElement).click()
          document.body.dataset['pressed'] = 'yes'
        })
        watch.observe(button, { attributes: true })
      })
      const timer = setInterval(say, 200)
      t.teardown(() => clearInterval(timer))
      await page.locator('body[data-pressed="yes"]').waitFor()
      await page.locator('.legend-item', { hasText: 'hPa' }).waitFor()
      t.equal(await field.getAttribute('aria-pressed'), 'true')
      await field.click()
      await page.locator('.legend-item').waitFor({ state: 'detached' })
      t.match(
        await page.getByRole('region', { name: 'Commands', exact: true }).textContent(),
        /The catalogue does not know Barometer: there are no forms for its commands here/
      )
    }
  ],
  [
    'a command on its way says how long is left, also after a reload',
    async (t, { door, open }) => {
      const now = taiSecondsOf(Date.now())
      const command = { id: '01jd3xkq7m5v8w2n4p6r9t0abc', csc: 'MTRotator', index: 0, command: 'move' }
      const record = { site: 'summit', params: { position: 5 }, principal: 'wvreeven', door: 'api' }
      const accepted = { acceptedAt: now, notAfter: now + 10, acceptedBy: 'commander-1' }
      const at = { site: 'summit', csc: 'MTRotator', index: 0 }
      door.observatory.say(intakeOf(at, command.id), { ...command, ...record, ...accepted })
      const going = {
        state: 'inProgress',
        time: now,
        commander: 'c',
        boot: 'b',
        ack: 301,
        timeoutSeconds: 120
      }
      door.observatory.say(ackOf(at, command.id), { ...command, ...going })
      const { page } = await open('#/MTRotator:0')
      const entry = page.locator('.command-entry[data-command="move"]')
      await entry.getByText(/\d+ s left/).waitFor()
      await entry.getByText('by wvreeven').waitFor()
      await page.reload()
      await entry.getByText(/\d+ s left/).waitFor()
      t.equal(await entry.count(), 1)
    }
  ],
  [
    'the log begins with the past, and an odd stamp does not lead it',
    async (t, { door, open }) => {
      const subject = 'evt.summit.MTHexapod.1.logMessage'
      const log = (message: string, more = {}): void =>
        door.observatory.say(subject, { level: 20, message, traceback: '' }, more)
      for (const word of ['first', 'second', 'third']) log(word)
      log('from the future', { time: taiSecondsOf(Date.now()) + 3600 })
      const { page } = await open('#/MTHexapod:1')
      const rows = page.locator('.row-log', { hasText: 'logMessage' })
      await rows.nth(3).waitFor()
      log('after it')
      await rows.nth(4).waitFor()
      const texts = await rows.allTextContents()
      t.match(
        texts.map(text => text.replace(/^.*logMessage/s, '').trim()),
        ['after it', /^clock \+3600 s\s+from the future/, 'third', 'second', 'first']
      )
      await page.getByText(/The record of these events begins on \d{4}-/).waitFor()
    }
  ],
  [
    'where the log lacks events of the record, a line in their place says so',
    async (t, { door, open }) => {
      for (let i = 0; i <= 300; i++)
        door.observatory.say('evt.summit.MTHexapod.2.logMessage', {
          level: 20,
          message: `${i}`,
          traceback: ''
        })
      const { page } = await open('#/MTHexapod:2')
      await page.getByText('Older events are on the record.').waitFor()
      const list = page.getByRole('region', { name: 'Events, newest first' })
      await page.waitForFunction(
        () => (document.querySelector('.virtual-all:has(.row-log)')?.clientHeight ?? 0) > 5000
      )
      await list.evaluate(box => box.scrollTo(0, box.scrollHeight))
      const gap = list.getByText(/^Before \d\d:\d\d:\d\d\.\d{3} UTC not all events are shown/)
      await gap.waitFor()
      const older = (await gap.locator('xpath=following-sibling::*').allTextContents()).join(' ')
      t.match(older, /summaryState/)
      t.notMatch(older, /logMessage/)
    }
  ],
  [
    'a flag is chosen, and what a parameter takes is said',
    async (_t, { open }) => {
      const { page } = await open('#/MTDome:0')
      await page.getByRole('combobox', { name: 'Command' }).selectOption('stop')
      await page.getByRole('button', { name: 'Send stop' }).click()
      await page.getByText('choose true or false').waitFor()
      await page.getByRole('combobox', { name: 'engageBrakes' }).selectOption('true')
      await page.getByRole('textbox', { name: 'subSystemIds' }).fill('NaN')
      await page.getByRole('button', { name: 'Send stop' }).click()
      await page.getByText('NaN is refused').waitFor()
    }
  ],
  [
    'the page of a queue shows what runs, what waits and what is past',
    async (t, { door, open }) => {
      const now = taiSecondsOf(Date.now())
      const script = (scriptSalIndex: number, path: string, more: object) => ({
        scriptSalIndex,
        path,
        isStandard: true,
        ...more
      })
      const say = (topic: string, fields: Readonly<Record<string, unknown>>): void =>
        door.observatory.say(`evt.summit.ScriptQueueState.1.${topic}`, fields)
      say('state', { enabled: true, running: true })
      say('scripts', {
        current: [
          script(101, 'maintel/take_image.py', {
            scriptState: 3,
            processState: 3,
            timestampRunStart: now - 30,
            expectedDuration: 120,
            totalCheckpoints: 4,
            numCheckpoints: 1,
            lastCheckpoint: 'exposing'
          })
        ],
        waiting: [script(102, 'auxtel/slew.py', { scriptState: 2, processState: 2 })],
        finished: [
          script(100, 'maintel/setup.py', {
            scriptState: 10,
            processState: 4,
            reason: 'no guide star',
            timestampRunStart: now - 90,
            timestampProcessEnd: now - 60
          })
        ]
      })
      door.observatory.say('script.summit.1.102.script', { scriptSalIndex: 102, path: 'auxtel/slew.py' })
      const { page } = await open('#/ScriptQueue:1')
      const queue = page.getByRole('region', { name: 'Queue', exact: true })
      await queue.getByText('101 maintel/take_image.py').waitFor()
      await queue.getByText('Running (3)').waitFor()
      t.match(await queue.textContent(), /running[\s\S]*checkpoint 1 of 4 · exposing · about \d+ s left/)
      t.match(await queue.textContent(), /102 auxtel\/slew.py Configured \(2\)/)
      t.match(
        await queue.textContent(),
        /100 maintel\/setup.py Failed \(10\)ended [\d:]+ after 30 s no guide star/
      )
      const events = page.getByRole('region', { name: 'Events', exact: true })
      await events.getByText('The record of these events begins').waitFor()
      await events.getByText('scriptSalIndex=102 path=auxtel/slew.py').waitFor()
      await page.goto(`${door.url}#/MTMount:0`)
      await page.getByRole('combobox', { name: 'Command' }).waitFor()
      t.equal(await page.getByRole('region', { name: 'Queue', exact: true }).count(), 0)
    }
  ],
  [
    'a command that nobody answered is looked up in the record',
    async (t, { door, open }) => {
      const { page } = await open('#/MTMount:0')
      await page.getByRole('combobox', { name: 'Command' }).selectOption('unlockMotion')
      t.teardown(door.muffle('MTMount', 'unlockMotion'))
      const entry = page.locator('.command-entry[data-command="unlockMotion"]')
      // Awaited from before the command on: the look-up ends after some seconds, and is gone.
      const lookedUp = Promise.all([
        entry.locator('[data-state="unanswered"]').waitFor(),
        entry.locator('.look-up code', { hasText: /^[0-9a-z]{26}$/ }).waitFor()
      ])
      await page.getByRole('button', { name: 'Send unlockMotion' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Send unlockMotion' }).click()
      await lookedUp
      await entry.getByText('the record has no such command: nothing was accepted').waitFor()
      await entry.locator('.look-up').waitFor({ state: 'detached' })
    }
  ]
]
