import { FIRST_CARRIES } from '../harness/night.ts'
import { banner, count, type NightCase, nowTai, overview, watchSilence } from '../harness/own-night.ts'

/** The clock of the operator's computer is set while the page is open. */
const afterClockWasSet = (way: string, hours: number): NightCase => [
  `a component that dies after the clock was set ${way} an hour turns silent`,
  async (t, browser) => {
    const { night, page, problems } = await overview(t, browser, () => {
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
  }
]

/** Who is said to be silent, and who is not. */
export const silenceCases: readonly NightCase[] = [
  afterClockWasSet('back', -1),
  afterClockWasSet('ahead', 1),
  [
    'a stalled link is told, and makes nobody silent, neither then nor when it goes on',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
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
    }
  ],
  [
    'when everything stops behind a gateway that answers, no data arrives and nobody is silent',
    async (t, browser) => {
      const { door, night, page } = await overview(t, browser)
      const mostSilent = await watchSilence(page)
      night.stop()
      await banner(page, 'NO DATA').waitFor()
      door.observatory.tell({ op: 'broker', broker: 'lost', time: 0 })
      await banner(page, 'BROKER LOST').waitFor()
      t.match(await page.locator('.banner').textContent(), /last data \d\d:\d\d:\d\d UTC, \d+(\.\d)? s ago/)
      t.equal(await mostSilent(), 0)
    }
  ],
  [
    'a producer that is silent is blamed, its components are not',
    async (t, browser) => {
      const { door, night, page } = await overview(t, browser)
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
    }
  ],
  [
    'that no commander beats is said across the page, and no component is blamed',
    async (t, browser) => {
      const { night, page } = await overview(t, browser)
      const mostSilent = await watchSilence(page)
      night.silence('Commander:1')
      await page.getByText('1 of 6 silent').waitFor()
      t.equal(await page.locator('.banner').count(), 0, 'the other one serves')
      night.silence('Commander:2')
      await banner(page, 'NO COMMANDER BEATS: commands and stops may not be taken').waitFor()
      t.equal(await mostSilent(), 0)
      night.wake()
      await banner(page, 'NO COMMANDER').waitFor({ state: 'detached' })
    }
  ],
  [
    'a device that beats is reporting, and its wrong clock is told',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
      const device = (name: string, fields: object, more: object): void => {
        door.observatory.say(`hb.summit.${name}.0`, {}, { uncatalogued: true, ...more })
        door.observatory.say(`tel.summit.${name}.0.climate`, { ...fields }, { uncatalogued: true, ...more })
      }
      device('Greenhouse', { celsius: 21.5 }, {})
      await page.getByRole('link', { name: 'Greenhouse:0, REPORTING' }).waitFor()
      door.observatory.say(
        'evt.summit.Greenhouse.0.summaryState',
        { summaryState: 9 },
        { uncatalogued: true }
      )
      await page.locator('[data-id="Greenhouse:0"]').getByText('state 9?').waitFor()
      for (const age of [10, 0])
        device('Rain', { mm: 1 }, { time: nowTai() - age - 37, received: nowTai() - age })
      await page.getByRole('link', { name: /^Rain:0, REPORTING, clock −37 s \(UTC\?\)/ }).waitFor()
      device('Ahead', { v: 1 }, { time: nowTai() + 600, received: nowTai() })
      await page.getByRole('link', { name: /^Ahead:0, REPORTING, clock \+600 s/ }).click()
      await page.getByText('clock +600 s').waitFor()
      await page.reload()
      await page.locator('.instance-head').getByText('clock +600 s').waitFor()
    }
  ],
  [
    'a component that is forgotten leaves the page, and its own page says so',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
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
    }
  ],
  [
    'the topics of a live device that is forgotten leave its page, and what it still sends stays',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
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
    }
  ],
  [
    'what a producer tells of names and of clocks stands at the component and at the producer',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
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
    }
  ],
  [
    'after a reload what is dead looks dead, whatever its stamps say',
    async (t, browser) => {
      const { door, page } = await overview(t, browser)
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
    }
  ]
]
