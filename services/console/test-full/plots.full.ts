import type { ElementHandle } from 'playwright-core'
import t, { type Test } from 'tap'
import { clockCases } from '../test/cases/plot-clocks.ts'
import { whyNot } from '../test/harness/open-browser.ts'
import { canvasTexts, inkIn, waitForGrounds, waitForInk } from '../test/harness/plot-ink.ts'
import {
  legendBoxes,
  moment,
  nowTai,
  type PlotWorld,
  part,
  plotBox,
  pointUntil,
  startPlots
} from '../test/harness/plot-pages.ts'

// Some 20 s on two idle cores; other packages' tests share them.
let world: PlotWorld

t.before(async () => {
  if (whyNot === false) world = await startPlots()
})

t.after(async () => {
  if (whyNot === false) await world.stop()
})

/** Tests at a time: some wait for a silence while others draw. */
const AT_A_TIME = 3

t.test('plots', { skip: whyNot, jobs: AT_A_TIME }, async t => {
  const { door, say, sayFor, plotOf } = world
  const running: Promise<unknown>[] = []
  const test = (name: string, run: (t: Test) => Promise<void>): void => {
    running.push(t.test(name, { buffered: true }, run))
  }

  test('a silence is an empty span, from history and live', async t => {
    const subject = 'tel.summit.Gap.0.w'
    sayFor(subject, { v: 3 }, [55, 47])
    say(subject, { v: 9 }, 32)
    const page = await plotOf(t, 'Gap:0', ['v'])
    await waitForInk(page, part(53, 50), true)
    await waitForInk(page, part(44, 36), false)
    t.pass('from history')
    sayFor(subject, { v: 3 }, [30, 24])
    sayFor(subject, { v: Number.NaN }, [24, 16])
    sayFor(subject, { v: 3 }, [16, 12])
    say(subject, { v: 9 }, 1)
    await waitForInk(page, part(29, 27), true)
    await waitForInk(page, part(15, 13), true)
    await waitForInk(page, part(21.5, 19), false)
    await waitForInk(page, part(9, 5), false)
    t.pass('live')
    await waitForInk(page, part(4, 0), true)
    t.pass('the lone value has a dot')
  })

  test('an event is held, from before the window to when its source fell silent', async t => {
    door.observatory.say('hb.summit.Valve.0')
    say('evt.summit.Valve.0.summaryState', { summaryState: 2 }, 90)
    say('evt.summit.Valve.0.position', { open: true }, 80)
    const page = await plotOf(t, 'Valve:0', ['open'])
    await page.locator('.legend-notes', { hasText: 'begins with the value of' }).waitFor()
    await waitForInk(page, part(58, 50), true)
    await page.locator('.plot .last-values', { hasText: 'SILENT: last values' }).waitFor()
    await page.locator('.topics .last-values').waitFor()
    await waitForInk(page, part(2, 0), false)
    await waitForInk(page, part(40, 30), true)
    const style = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate(element => getComputedStyle(element).fontStyle)
    t.same([await style('.legend .number'), await style('.row-value')], ['italic', 'italic'])
  })

  test('a silence on the record breaks a held line, after a reload and as it comes', async t => {
    const say0 = (alive: boolean, heartbeat: number): void =>
      say('evt.summit.Liveness.0.component.Held=2E0', { component: 'Held', index: 0, alive, heartbeat })
    const beating = setInterval(() => door.observatory.say('hb.summit.Held.0'), 500)
    t.teardown(() => clearInterval(beating))
    say('evt.summit.Held.0.position', { open: true }, 80)
    const [began, ended] = [nowTai() - 38, nowTai() - 4]
    say0(false, began - 50)
    say0(true, began - 45)
    const page = await plotOf(t, 'Held:0', ['open'])
    /** Holds the plot still; returns where a moment then stands in it. */
    const pause = async (): Promise<(from: number, to: number) => { from: number; to: number }> => {
      await page.getByRole('button', { name: 'Pause', exact: true }).first().click()
      const end = nowTai()
      return (from, to) => ({ from: 1 - (end - from) / 60, to: 1 - (end - to) / 60 })
    }
    const live = await pause()
    await waitForInk(page, live(began + 6, ended - 6), true)
    say0(false, began)
    say0(true, ended)
    await waitForInk(page, live(began + 6, ended - 6), false)
    await waitForInk(page, live(began - 4, began - 2), true)
    t.pass('as it comes')
    await page.reload()
    await page.locator('.chart canvas').waitFor()
    const reloaded = await pause()
    await waitForInk(page, reloaded(ended - 12, ended - 6), false)
    const box = await plotBox(page)
    await pointUntil(page, { x: box.x + box.width * reloaded(ended - 9, ended).from, y: box.y + 40 }, '—')
    t.pass('nor is a value of it shown there')
  })

  for (const [name, run] of clockCases) test(name, t => run(t, world))

  test('a field that is named as an element is another line than the element', async t => {
    const fields = { 'temp[0]': 5, temp: [7], 'wind.speed': 2.5 }
    say('tel.summit.Names.0.w', fields, 3)
    const page = await plotOf(t, 'Names:0', ['temp[0]', 'wind.speed'])
    await page.getByRole('button', { name: 'temp[1]' }).click()
    await page.getByRole('button', { name: 'Plot temp[0]', exact: true }).nth(1).click()
    say('tel.summit.Names.0.w', fields)
    const numbers = page.locator('.legend .number')
    await numbers.nth(2).waitFor()
    await page.waitForFunction(() => document.querySelectorAll('.legend .number')[2]?.textContent === '7')
    t.same(await numbers.allTextContents(), ['5', '2.50000', '7'])
    await page.reload()
    await page.waitForFunction(() => document.querySelectorAll('.legend .number')[2]?.textContent === '7')
    t.same(await numbers.allTextContents(), ['5', '2.50000', '7'], 'remembered apart')
  })

  test('an array shows the elements that it has, and a very long one takes nothing with it', async t => {
    const subject = 'tel.summit.Array.0.w'
    say(subject, { a: [1, 2, 3], b: Array.from({ length: 150_000 }, (_, i) => i % 100) })
    const page = await plotOf(t, 'Array:0', [])
    await page.getByText('0 … 99').waitFor()
    await page.getByRole('button', { name: 'a[3]' }).click()
    await page.getByRole('button', { name: 'Plot a[2]' }).waitFor()
    say(subject, { a: [1, 2, 3, 4, 5], b: [] })
    await page.getByRole('button', { name: 'Plot a[4]' }).click()
    await page.locator('.legend strong', { hasText: 'a[4]' }).waitFor()
    t.equal(await page.locator('.row-element').count(), 5)
  })

  test('values of any size have an axis with numbers, a constant a narrow one', async t => {
    sayFor('tel.summit.Huge.0.w', { v: -7.5e177, c: 700 }, [50, 2])
    const page = await plotOf(t, 'Huge:0', ['v'])
    await page.waitForFunction(() => window.canvasTexts.some(text => /^-7\.\de\+177$/.test(text)))
    await page.getByRole('button', { name: 'Remove v' }).click()
    await page.getByRole('button', { name: 'Plot c', exact: true }).click()
    await page.waitForFunction(() => {
      const texts = window.canvasTexts.slice(-20)
      return texts.includes('700') && !texts.includes('0')
    })
    const texts = await canvasTexts(page)
    t.ok(texts.includes('no unit') && texts.some(text => text.endsWith('UTC')), 'the axes are named')
  })

  test('the wheel goes neither beyond dates nor below what is held', async t => {
    sayFor('tel.summit.Wheel.0.w', { v: 3 }, [50, 2])
    const page = await plotOf(t, 'Wheel:0', ['v'])
    await page.locator('.chart .u-over').hover()
    for (let i = 0; i < 170; i++) await page.mouse.wheel(0, 100)
    await page.waitForFunction(() => {
      const texts = window.canvasTexts
      return texts.some(text => /^20\d\d-\d\d-\d\d$/.test(text)) && texts.includes('UTC')
    })
    await page.getByRole('button', { name: 'Paused: go live' }).click()
    await waitForInk(page, part(40, 20), true)
    for (let i = 0; i < 100; i++) await page.mouse.wheel(0, -100)
    await waitForInk(page, { from: 0.4, to: 0.6 }, true)
    t.pass('a window between two samples has its line')
  })

  test('the pointer shows time and values, a pause holds them still', async t => {
    const subject = 'tel.summit.Pointer.0.w'
    sayFor(subject, { v: 3 }, [58, 20])
    sayFor(subject, { v: 8 }, [20, 1])
    const page = await plotOf(t, 'Pointer:0', ['v'])
    await waitForInk(page, part(15, 5), true)
    const box = await plotBox(page)
    const value = page.locator('.legend .number')
    await pointUntil(page, { x: box.x + box.width * 0.25, y: box.y + 40 }, '3')
    await page.mouse.move(5, 5)
    await page.waitForFunction(() => document.querySelector('.legend .number')?.textContent === '8')
    await page.getByRole('button', { name: 'Pause', exact: true }).first().click()
    await page.locator('.plot-moment', { hasText: / to \d\d:\d\d:\d\d UTC$/ }).waitFor()
    // Well after the pause, also where the page's clock is ahead of this one.
    say(subject, { v: 11 }, -5)
    await page.locator('.row-value', { hasText: '11' }).waitFor()
    t.equal(await value.textContent(), '8')
    await page.getByRole('button', { name: 'Paused: go live' }).click()
    await page.waitForFunction(() => document.querySelector('.legend .number')?.textContent === '11')
  })

  test('a pointer that rests keeps its moment while time passes and the theme changes', async t => {
    const subject = 'tel.summit.Rest.0.w'
    sayFor(subject, { v: 3 }, [58, 1])
    const page = await plotOf(t, 'Rest:0', ['v'])
    await waitForInk(page, part(15, 5), true)
    const over = (await page.locator('.chart .u-over').elementHandle()) as ElementHandle<Element>
    const { x, y, width } = await plotBox(page)
    await pointUntil(page, { x: x + width * 0.5, y: y + 40 }, '3')
    // What the page shows of ages has passed through three seconds.
    for (let i = 0; i < 3; i++) {
      const shown = await page.locator('.clock time').textContent()
      await page.waitForFunction(was => document.querySelector('.clock time')?.textContent !== was, shown)
    }
    t.ok(await over.evaluate(element => element.isConnected), 'the chart is the same')
    t.match(await page.locator('.plot-moment').textContent(), moment)
    const button = page.getByRole('button', { name: 'Light theme' })
    await button.evaluate(element => (element as HTMLElement).click())
    await page.waitForFunction(was => !was.isConnected, over)
    t.match(await page.locator('.plot-moment').textContent(), moment, 'also in the chart of the other theme')
  })

  test('lines keep their colours through a change of theme', async t => {
    sayFor('tel.summit.Theme.0.w', { v: 3 }, [50, 2])
    const page = await plotOf(t, 'Theme:0', ['v'])
    await waitForInk(page, part(40, 20), true)
    await page.getByRole('button', { name: 'Light theme' }).click()
    await waitForInk(page, part(40, 20), false)
    t.ok((await inkIn(page, part(40, 20), [0x00, 0x62, 0x9e])) > 0, 'as the light style sheet has it')
    t.ok((await canvasTexts(page)).includes('record begins'), 'and the begin of the record is marked')
    // What is before it is greyed.
    await waitForGrounds(page, part(59, 56), part(30, 28))
  })

  test('long names and notes of two lines are whole, and each note is below its own line', async t => {
    const names = ['first', 'second'].map(one => `${one}${'SegmentActuatorFollowingError'.repeat(3)}`)
    const fields = (v: number) => Object.fromEntries(names.map(name => [name, v]))
    const subject = 'tel.summit.LongNames.0.aTopicWithALongName'
    sayFor(subject, fields(3), [50, 40])
    const page = await plotOf(t, 'LongNames:0', names)
    door.observatory.say(subject, fields(4), { time: nowTai() + 3600, uncatalogued: true })
    const notes = page.locator('.legend-notes', { hasText: '1 sample set aside' })
    await notes.nth(1).waitFor()
    const boxes = await legendBoxes(page)
    t.equal(boxes.length, 4)
    t.ok(boxes.every(({ isWhole }) => isWhole))
    const tops = boxes.map(({ top }) => top)
    t.same(
      tops,
      [...tops].sort((a, b) => a - b)
    )
    t.ok((boxes[1]?.top ?? 0) >= (boxes[0]?.bottom ?? 0) - 1, 'below its own line')
  })

  test('a fourth unit is refused with its reason', async t => {
    const fields = { actualPosition: 1, actualVelocity: 2, actualTorque: 3, actualAcceleration: 4 }
    door.observatory.say('tel.summit.MTMount.0.azimuth', fields)
    const page = await plotOf(t, 'MTMount:0', [])
    await page.locator('.row-units', { hasText: 'N m' }).waitFor()
    await page.locator('.legend strong', { hasText: 'actualPosition' }).waitFor()
    for (const name of ['actualVelocity', 'actualTorque', 'actualAcceleration'])
      await page.getByRole('button', { name: `Plot ${name}`, exact: true }).click()
    await page
      .locator('.plot-refusal', { hasText: 'actualAcceleration is not plotted' })
      .filter({ hasText: 'deg, deg/s, N m' })
      .waitFor()
    t.equal(await page.locator('.legend-item').count(), 3)
    await page.getByRole('button', { name: 'Remove actualTorque' }).click()
    t.equal(await page.locator('.plot-refusal').count(), 0)
  })

  await Promise.all(running)
})

t.test('no page had an error', { skip: whyNot }, async t => {
  // The catalogue does not know devices that a test invents, and says so.
  t.same(
    world.problems().filter(text => !/status of 404/.test(text)),
    []
  )
})

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
