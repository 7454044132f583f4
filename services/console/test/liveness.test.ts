import { loadSite } from '@meridian/catalogue'
import { taiSecondsOf } from '@meridian/time'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { FIRST_CARRIES, type Night, startNight } from './harness/night.ts'
import { newContext, openBrowser, openPage, whyNot } from './harness/open-browser.ts'
import { stopBar, stopButton } from './harness/page-parts.ts'
import { type Door, startDoor } from './harness/start-door.ts'

// Side by side, for silence takes its time.
/** Some of the summit, so that a page of each test costs little: those that a test names, and those beside. */
const INSTANCES = ['MTMount:0', 'MTDome:0', 'MTPtg:0', 'MTRotator:0', 'ESS:301', 'Watcher:0', 'ATDome:0']
const summit = loadSite('summit')
const site = {
  ...summit,
  instances: summit.instances.filter(({ csc, index }) => INSTANCES.includes(`${csc}:${index}`))
}
const nowTai = (): number => taiSecondsOf(Date.now())
let browser: Browser

t.before(async () => {
  if (whyNot === false) browser = await openBrowser()
})
t.after(async () => {
  if (whyNot === false) await browser.close()
})

interface Scene {
  readonly door: Door
  readonly night: Night
  readonly page: Page
  readonly problems: readonly string[]
}

/** A night of its own for each test, on the overview. */
async function overview(t: Test, script?: () => void): Promise<Scene> {
  const door = await startDoor({ site })
  const night = startNight(door.observatory, 'summit', site.instances)
  const context = await newContext(browser)
  if (script !== undefined) await context.addInitScript(script)
  t.teardown(async () => {
    await context.close()
    night.stop()
    await door.stop()
  })
  const { page, problems } = await openPage(browser, door.url, undefined, context)
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
  return { door, night, page, problems }
}

const count = async (page: Page, condition: string): Promise<number> =>
  Number(await page.locator(`.count-${condition} .count-number`).textContent())

/** Notes from now on the most tiles that were silent at once, whatever the page shows in between. */
async function watchSilence(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    let most = 0
    const look = (): void => {
      most = Math.max(most, document.querySelectorAll('.tile-silent').length)
      Object.assign(globalThis, { mostSilent: most })
      requestAnimationFrame(look)
    }
    look()
  })
  return () => page.evaluate(() => (globalThis as unknown as { mostSilent: number }).mostSilent)
}

/** Notes from now on each stage that the stop bar shows. */
async function watchStop(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seenStops: seen })
    const look = (): void => {
      const stage = document.querySelector<HTMLElement>('[data-stop]')?.dataset['stop']
      if (stage !== undefined) seen.push(stage)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  return () => page.evaluate(() => (globalThis as unknown as { seenStops: string[] }).seenStops)
}

const banner = (page: Page, text: string) => page.getByRole('alert').getByText(text)

/** Tests at a time; each has a night of its own. */
const AT_A_TIME = 4

t.test('alive or not', { skip: whyNot, jobs: AT_A_TIME }, async t => {
  const running: Promise<unknown>[] = []
  const test = (name: string, run: (t: Test) => Promise<void>): void => {
    running.push(t.test(name, { buffered: true }, run))
  }

  for (const [hours, way] of [
    [-1, 'back'],
    [1, 'ahead']
  ] as const)
    test(`a component that dies after the clock was set ${way} an hour turns silent`, async t => {
      const { night, page, problems } = await overview(t, () => {
        const real = Date.now
        Date.now = () => real() + ((globalThis as { setByMs?: number }).setByMs ?? 0)
      })
      const mostSilent = await watchSilence(page)
      await page.evaluate(ms => Object.assign(globalThis, { setByMs: ms }), hours * 3_600_000)
      await page.getByText("this computer's clock is off by").waitFor()
      t.equal(await mostSilent(), 0, 'nobody else is')
      night.silence('MTDome:0')
      await page.getByRole('link', { name: 'MTDome:0, SILENT' }).waitFor()
      t.equal(await mostSilent(), 1)
      const shown = await page.locator('.clock-main time').textContent()
      t.ok(Math.abs(Date.parse(`${new Date().toISOString().slice(0, 11)}${shown}Z`) - Date.now()) < 60_000)
      t.same(problems, [])
    })

  test('a stalled link is told, and makes nobody silent, neither then nor when it goes on', async t => {
    const { door, page } = await overview(t)
    const mostSilent = await watchSilence(page)
    door.observatory.hold()
    await banner(page, 'LINK STALLED').waitFor()
    t.equal(await page.locator('.chip-link').textContent(), 'no answer')
    t.match(await page.locator('.link-state').textContent(), /broker unknown/)
    t.equal(await count(page, 'silent'), 0)
    door.observatory.release()
    await banner(page, 'LINK STALLED').waitFor({ state: 'detached' })
    await page.waitForFunction(() =>
      /data age ?0\.\d s/.test(document.querySelector('.link-state')?.textContent ?? '')
    )
    t.equal(await mostSilent(), 0)
  })

  test('when everything stops behind a gateway that answers, no data arrives and nobody is silent', async t => {
    const { door, night, page } = await overview(t)
    const mostSilent = await watchSilence(page)
    night.stop()
    await banner(page, 'NO DATA').waitFor()
    door.observatory.tell({ op: 'broker', broker: 'lost', time: 0 })
    await banner(page, 'BROKER LOST').waitFor()
    t.match(await page.locator('.banner').textContent(), /last data \d\d:\d\d:\d\d UTC, \d+(\.\d)? s ago/)
    t.equal(await mostSilent(), 0)
  })

  test('a producer that is silent is blamed, its components are not', async t => {
    const { door, night, page } = await overview(t)
    const mostSilent = await watchSilence(page)
    night.silence('Producer:1', ...FIRST_CARRIES)
    await banner(page, 'PRODUCER 1 SILENT: 3 components not judged').waitFor()
    t.equal(await count(page, 'unjudged'), 3)
    await page
      .getByRole('link', { name: /^MTMount:0, NOT JUDGED, last known ENABLED, \d+(\.\d)? s ago/ })
      .waitFor()
    t.match(
      await page.getByRole('region', { name: 'Needs attention' }).textContent(),
      /producer 1 SILENT .*3 components not judged/
    )
    await page.goto(`${door.url}#/Producer:1`)
    await page.locator('.instance-head', { hasText: 'SILENT' }).getByText('a process of Meridian').waitFor()
    await page.getByText('Producer is part of Meridian: there is nothing to stop').waitFor()
    await page.goto(`${door.url}#/Producer:2`)
    await page.locator('.instance-head', { hasText: 'ALIVE' }).waitFor()
    await page.goto(`${door.url}#/`)
    await page.getByText('1 of 6 silent').click()
    t.match(
      await page.getByRole('list', { name: 'Processes of Meridian' }).textContent(),
      /Producer 1 SILENT/
    )
    t.equal(await mostSilent(), 0)
    night.wake()
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
    await banner(page, 'PRODUCER 1').waitFor({ state: 'detached' })
    door.observatory.say('evt.summit.Producer.1.carries', { instances: FIRST_CARRIES, others: false })
    await page
      .locator('.tile[data-id="MTMount:0"]')
      .getByText(/as of \d\d:\d\d/)
      .waitFor()
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).click()
    const asOf = page
      .locator('.instance-head')
      .getByText(/state as of .* UTC; producer 1 listens since .* UTC and has/)
    await asOf.waitFor()
    door.observatory.say('evt.summit.MTMount.0.summaryState', { summaryState: 2 })
    await asOf.waitFor({ state: 'detached' })
  })

  test('that no commander beats is said across the page, and no component is blamed', async t => {
    const { night, page } = await overview(t)
    const mostSilent = await watchSilence(page)
    night.silence('Commander:1')
    await page.getByText('1 of 6 silent').waitFor()
    t.equal(await page.locator('.banner').count(), 0, 'the other one serves')
    night.silence('Commander:2')
    await banner(page, 'NO COMMANDER BEATS: commands and stops may not be taken').waitFor()
    t.equal(await mostSilent(), 0)
    night.wake()
    await banner(page, 'NO COMMANDER').waitFor({ state: 'detached' })
  })

  test('a device that beats is reporting, and its wrong clock is told', async t => {
    const { door, page } = await overview(t)
    const device = (name: string, fields: object, more: object): void => {
      door.observatory.say(`hb.summit.${name}.0`, {}, { uncatalogued: true, ...more })
      door.observatory.say(`tel.summit.${name}.0.climate`, { ...fields }, { uncatalogued: true, ...more })
    }
    device('Greenhouse', { celsius: 21.5 }, {})
    await page.getByRole('link', { name: 'Greenhouse:0, REPORTING' }).waitFor()
    door.observatory.say('evt.summit.Greenhouse.0.summaryState', { summaryState: 9 }, { uncatalogued: true })
    await page.locator('[data-id="Greenhouse:0"]').getByText('state 9?').waitFor()
    for (const age of [10, 0])
      device('Rain', { mm: 1 }, { time: nowTai() - age - 37, received: nowTai() - age })
    await page.getByRole('link', { name: /^Rain:0, REPORTING, clock −37 s \(UTC\?\)/ }).waitFor()
    device('Ahead', { v: 1 }, { time: nowTai() + 600, received: nowTai() })
    await page.getByRole('link', { name: /^Ahead:0, REPORTING, clock \+600 s/ }).click()
    await page.getByText('clock +600 s').waitFor()
    await page.reload()
    await page.locator('.instance-head').getByText('clock +600 s').waitFor()
  })

  test('a component that is forgotten leaves the page, and its own page says so', async t => {
    const { door, page } = await overview(t)
    door.observatory.say('tel.summit.Rogue.5.climate', { v: 1 }, { uncatalogued: true })
    await page.getByRole('link', { name: 'Rogue:5, REPORTING' }).click()
    await page.getByText('climate').first().waitFor()
    door.observatory.say('evt.summit.Liveness.0.forgotten', { component: 'Rogue', index: 5 })
    await page
      .locator('.instance-head')
      .getByText(/forgotten \d\d:\d\d:\d\d UTC/)
      .waitFor()
    t.match(await page.locator('.instance-head').textContent(), /Rogue:5 *NO DATA/)
    await page.getByRole('link', { name: 'Back to overview' }).click()
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
    t.equal(await page.locator('[data-id="Rogue:5"]').count(), 0)
  })

  test('the topics of a live device that is forgotten leave its page, and what it still sends stays', async t => {
    const { door, page } = await overview(t)
    const say = (topic: string): void =>
      door.observatory.say(`tel.summit.Rogue.6.${topic}`, { v: 1 }, { uncatalogued: true })
    say('climate')
    say('mistyped')
    const live = setInterval(() => say('climate'), 300)
    t.teardown(() => clearInterval(live))
    await page.getByRole('link', { name: 'Rogue:6, REPORTING' }).click()
    const mistyped = page.getByText('mistyped').first()
    await mistyped.waitFor()
    door.observatory.say('evt.summit.Liveness.0.forgotten', { component: 'Rogue', index: 6 })
    await mistyped.waitFor({ state: 'detached' })
    await page.getByText('climate').first().waitFor()
  })

  test('what a producer tells of names and of clocks stands at the component and at the producer', async t => {
    const { door, page } = await overview(t)
    const { observatory } = door
    observatory.say('evt.summit.Producer.2.refusedNames', {
      component: 'Rain',
      class: 'tel',
      setting: 'NAMES_PER_UNKNOWN',
      bound: 200,
      refused: 64,
      example: 'tel.summit.Rain.0.topic201'
    })
    for (const age of [10, 0])
      observatory.say(
        'tel.summit.Rain.0.gauge',
        { mm: 1 },
        { time: nowTai() - age - 37, received: nowTai() - age, uncatalogued: true }
      )
    const clock = { component: 'Rain', index: 0, offset: -37 }
    observatory.say('evt.summit.Producer.2.clockOffset.Rain=2E0', clock)
    const refused = /64 messages under new names of Rain refused.*the bound is 200 \(NAMES_PER_UNKNOWN\)/
    await page.locator('.processes summary', { hasText: 'names refused' }).click()
    await page.getByRole('list', { name: 'Processes of Meridian' }).getByText(refused).waitFor()
    await page.goto(`${door.url}#/Producer:2`)
    await page.locator('.instance-head').getByText(refused).waitFor()
    await page.goto(`${door.url}#/Rain:0`)
    await page.locator('.instance-head').getByText(refused).waitFor()
    await page
      .getByText(/clock −37 s \(UTC\?\), steadily, as producer 2 told at \d\d:\d\d:\d\d UTC/)
      .waitFor()
    t.pass()
  })

  test('after a reload what is dead looks dead, whatever its stamps say', async t => {
    const { door, page } = await overview(t)
    const longAgo = { received: nowTai() - 120, uncatalogued: true }
    door.observatory.say('hb.summit.Dead.0', {}, { ...longAgo, time: nowTai() + 600 })
    door.observatory.say('tel.summit.Dead.0.climate', { v: 1 }, { ...longAgo, time: nowTai() + 600 })
    door.observatory.say('tel.summit.Ended.0.climate', { v: 1 }, { ...longAgo, time: nowTai() - 120 })
    await page.reload()
    const seen = await page.evaluate(async () => {
      const labels = new Set<string>()
      const end = performance.now() + 2500
      while (performance.now() < end) {
        for (const id of ['Dead:0', 'Ended:0'])
          labels.add(document.querySelector(`[data-id="${id}"] .tile-state`)?.textContent ?? '')
        await new Promise(resolve => requestAnimationFrame(resolve))
      }
      return [...labels].filter(label => label !== '' && label !== 'NO DATA')
    })
    t.same(seen.sort(), ['NOT REPORTING', 'SILENT'])
    t.match(await page.locator('[data-id="Dead:0"]').textContent(), /SILENT\s*2 min/)
  })

  test('what happened is there after a reload: states, silence and its end, alarms with their times', async t => {
    const { door, page } = await overview(t)
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
  })

  test('a stop that no door answers is looked up until the record says what became of it', async t => {
    const { door, page } = await overview(t)
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
  })

  test('a stop that no door answers and no commander took is said not to be accepted, once that is certain', async t => {
    const { door, page } = await overview(t)
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
  })

  test('a stop that was not answered yet is still there after a reload, and so is what became of it', async t => {
    const { door, page } = await overview(t)
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
  })

  test('the warning of a stop goes when the component answers', async t => {
    const { door, page } = await overview(t)
    door.warn('MTDome', 'stop', 12.3)
    await page.goto(`${door.url}#/MTDome:0`)
    await stopButton(page).click()
    await stopBar(page).locator('[data-stop="complete"]').waitFor()
    t.notMatch(await page.locator('body').textContent(), /CMD_OFFLINE|When it was accepted/)
  })

  test('a lost connection is unmistakable, and heals at once when the network is back', async t => {
    const { door, page } = await overview(t)
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
  })

  await Promise.all(running)
})

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
