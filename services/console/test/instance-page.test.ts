import { loadSite } from '@meridian/catalogue'
import { ackOf, intakeOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { type Night, startNight } from './harness/night.ts'
import { openBrowser, openPage, whyNot } from './harness/open-browser.ts'
import { type Door, startDoor } from './harness/start-door.ts'

const site = loadSite('summit')
let door: Door
let night: Night
let browser: Browser

t.before(async () => {
  if (whyNot !== false) return
  door = await startDoor({ site })
  night = startNight(door.observatory, 'summit', site.instances, {
    ...{ telemetryOf: ['MTMount:0'], states: { 'MTHexapod:2': 3, 'ATDome:0': 4 } }
  })
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

t.test('an array of 150,000 numbers is shown beside everything else', { skip: whyNot }, async t => {
  const { page, context, problems } = await openPage(browser, `${door.url}#/Huge:0`)
  t.teardown(() => context.close())
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

t.test(
  'a stop that the gateway does not take goes by the api, under the same id',
  { skip: whyNot },
  async t => {
    const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`)
    t.teardown(() => context.close())
    await stopButton(page).click()
    await stopBar(page).locator('[data-stop="complete"]').waitFor()
    await stopBar(page).getByText('sent by the gateway').waitFor()
    const before = door.asked.length
    door.muffle(true)
    t.teardown(() => door.muffle(false))
    await stopButton(page).click()
    await stopBar(page).getByText('sent by HTTP to the api').waitFor()
    await stopBar(page).locator('[data-stop="complete"]').waitFor()
    const entry = page.locator('.command-entry[data-command="stop"]').first()
    const { id = '', command } = door.asked[before] ?? {}
    t.equal(command, 'stop')
    await entry.getByText(`id ${id}`).waitFor()
    t.equal(await entry.locator('[data-state="complete"]').count(), 1, 'each stage stands there once')
  }
)

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
    await page.locator('.instance-dead').waitFor()
    await stopBar(page).getByText('MTRotator:0 is SILENT').waitFor()
    t.ok(await stopButton(page).isEnabled())
    await stopButton(page).click()
    await stopBar(page).locator('[data-stop="complete"]').waitFor()
  }
)

t.test(
  'one in FAULT or OFFLINE that is not heard any more looks as dead as a silent one, everywhere',
  { skip: whyNot },
  async t => {
    const dead = [
      ['MTHexapod:2', 'FAULT'],
      ['ATDome:0', 'OFFLINE']
    ] as const
    const { page, context } = await openPage(browser, door.url)
    t.teardown(() => context.close())
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
)

t.test('a reload and a second tab show what was commanded, and by whom', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`)
  t.teardown(() => context.close())
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
    await entry.getByText('by operator').waitFor()
    await entry.locator('[data-state="complete"]').waitFor()
  }
  await page.reload()
  const entry = page.locator('.command-entry[data-command="moveToTarget"]').first()
  await entry.getByText('by operator').waitFor()
  t.match(await entry.textContent(), /azimuth=12\.123456789 elevation=45[\s\S]*COMPLETE/)
})

t.test('a command on its way says how long is left, also after a reload', { skip: whyNot }, async t => {
  const now = taiSecondsOf(Date.now())
  const command = { id: '01jd3xkq7m5v8w2n4p6r9t0abc', csc: 'MTRotator', index: 0, command: 'move' }
  const record = { site: 'summit', params: { position: 5 }, principal: 'wvreeven', door: 'api' }
  const accepted = { acceptedAt: now, notAfter: now + 10, acceptedBy: 'commander-1' }
  const at = { site: 'summit', csc: 'MTRotator', index: 0 }
  door.observatory.say(intakeOf(at, command.id), { ...command, ...record, ...accepted })
  const going = { state: 'inProgress', time: now, commander: 'c', boot: 'b', ack: 301, timeoutSeconds: 120 }
  door.observatory.say(ackOf(at, command.id), { ...command, ...going })
  const { page, context } = await openPage(browser, `${door.url}#/MTRotator:0`)
  t.teardown(() => context.close())
  const entry = page.locator('.command-entry[data-command="move"]')
  await entry.getByText(/1[012]\d s left/).waitFor()
  await entry.getByText('by wvreeven').waitFor()
  await page.reload()
  await entry.getByText(/1[012]\d s left/).waitFor()
  t.equal(await entry.count(), 1)
})

t.test('the log begins with the past, and an odd stamp does not lead it', { skip: whyNot }, async t => {
  const subject = 'evt.summit.MTHexapod.1.logMessage'
  const log = (message: string, more = {}): void =>
    door.observatory.say(subject, { level: 20, message, traceback: '' }, more)
  for (const word of ['first', 'second', 'third']) log(word)
  log('from the future', { time: taiSecondsOf(Date.now()) + 3600 })
  const { page, context } = await openPage(browser, `${door.url}#/MTHexapod:1`)
  t.teardown(() => context.close())
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
})

t.test('a command that nobody answered is looked up in the record', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTMount:0`)
  t.teardown(() => context.close())
  await page.getByRole('combobox', { name: 'Command' }).selectOption('unlockMotion')
  door.muffle(true)
  t.teardown(() => door.muffle(false))
  await page.getByRole('button', { name: 'Send unlockMotion' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send unlockMotion' }).click()
  const entry = page.locator('.command-entry[data-command="unlockMotion"]')
  await entry.locator('[data-state="unanswered"]').waitFor()
  await entry.getByRole('button', { name: 'Look up' }).click()
  await entry.getByText('not on the record: it was not accepted').waitFor()
  t.match(await entry.locator('.look-up code').textContent(), /^[0-9a-z]{26}$/)
})

t.test('a flag is chosen, and what a parameter takes is said', { skip: whyNot }, async t => {
  const { page, context } = await openPage(browser, `${door.url}#/MTDome:0`)
  t.teardown(() => context.close())
  await page.getByRole('combobox', { name: 'Command' }).selectOption('stop')
  await page.getByRole('button', { name: 'Send stop' }).click()
  await page.getByText('choose true or false').waitFor()
  await page.getByRole('combobox', { name: 'engageBrakes' }).selectOption('true')
  await page.getByRole('textbox', { name: 'subSystemIds' }).fill('NaN')
  await page.getByRole('button', { name: 'Send stop' }).click()
  await page.getByText('NaN is refused').waitFor()
})

t.test('the page of a queue shows what runs, what waits and what is past', { skip: whyNot }, async t => {
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
  const { page, context } = await openPage(browser, `${door.url}#/ScriptQueue:1`)
  t.teardown(() => context.close())
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
})

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
