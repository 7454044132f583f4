import { connectBroker } from '@meridian/broker'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { startSystem, whyNoSystem } from '../test/harness/start-system.ts'

// Some 20 s on two idle cores, most of it the start of a dozen processes.
const skip = whyNot === false ? whyNoSystem : whyNot

t.test('the page works with everything real behind it', { skip }, async t => {
  const system = await startSystem()
  t.teardown(() => system.stop())
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page, problems } = await openPage(browser, system.url)

  await t.test('simulated components are enabled and their heartbeats fresh', async t => {
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
    await page.getByRole('link', { name: 'ESS:301, ENABLED' }).waitFor()
    t.match(await page.locator('.header').textContent(), /livegateway gateway-\d+broker connected/)
  })

  await t.test('one message of a home-made device puts it on the page', async t => {
    const log = createTestLog()
    const broker = await connectBroker({ servers: system.nats, name: 'greenhouse', log })
    t.teardown(() => broker.drain())
    broker.publish('raw.small.Greenhouse.0.tel.climate', '{"celsius": 21.5}')
    await page.getByRole('link', { name: /Greenhouse:0, .*not in the catalogue/ }).waitFor()
    await page.getByRole('link', { name: /Greenhouse:0/ }).click()
    broker.publish('raw.small.Greenhouse.0.tel.climate', '{"celsius": 1e400, "humidity": 0.6}')
    await page
      .getByText(/data refused: 1 refused, lately celsius of climate: no field can hold its value/)
      .waitFor()
    broker.publish('raw.small.Greenhouse.0.tel.picture', JSON.stringify({ text: 'x'.repeat(1024 ** 2 - 40) }))
    await page.getByText(/data refused: 2 refused, lately a message of picture: larger than/).waitFor()
    await page.goto(`${system.url}#/`)
  })

  await t.test('a field is plotted from its history, and a command runs to its end', async t => {
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).click()
    await page.locator('.legend-item', { hasText: 'elevation.actualPosition' }).waitFor()
    await page.getByRole('button', { name: 'Plot actualTorque', exact: true }).first().click()
    await page.locator('.legend-item', { hasText: 'azimuth.actualTorque' }).waitFor()
    await page.locator('.chart canvas').waitFor()
    await page.waitForFunction(
      () => !/loading|failed/.test(document.querySelector('.legend')?.textContent ?? '')
    )
    await page.getByRole('combobox', { name: 'Command' }).selectOption('setLogLevel')
    await page.getByRole('combobox', { name: 'level', exact: true }).selectOption({ index: 1 })
    await page.getByRole('button', { name: 'Send setLogLevel' }).click()
    const entry = page.locator('.command-entry').first()
    await entry.locator('[data-state="complete"]').waitFor()
    t.match(await entry.textContent(), /accepted[\s\S]*dispatching[\s\S]*CMD_COMPLETE 303/)
  })

  await t.test('what a parameter cannot hold is said there, and nothing is sent', async t => {
    await page.getByRole('combobox', { name: 'Command' }).selectOption('trackTarget')
    await page.getByRole('button', { name: 'Fill in defaults' }).click()
    await page.getByRole('textbox', { name: 'trackId' }).fill('99999999999')
    await page.getByRole('button', { name: 'Send trackTarget' }).click()
    await page.locator('.parameter-wrong', { hasText: 'is allowed, not 99999999999' }).waitFor()
    t.equal(await page.locator('.command-entry[data-command="trackTarget"]').count(), 0)
  })

  await t.test('a reload keeps the commands and the events of before', async () => {
    await page.reload()
    const entry = page.locator('.command-entry[data-command="setLogLevel"]')
    await entry.locator('[data-state="complete"]').waitFor()
    // Its stages come live, who sent it stands in the record alone.
    await entry.filter({ hasText: /by \S/ }).waitFor()
    await page.getByText(/The record of these events begins|Older events are on the record/).waitFor()
    await page.getByRole('region', { name: 'Stop', exact: true }).getByRole('button').first().click()
    await page.locator('[data-stop="complete"]').waitFor()
  })

  await t.test('a stop goes out while every gateway stands still', async t => {
    const gateways = Object.entries(system.pids).filter(([name]) => name.startsWith('gateway-'))
    const tell = (signal: NodeJS.Signals) => gateways.map(([, pid]) => process.kill(pid, signal))
    const bar = page.getByRole('region', { name: 'Stop', exact: true })
    t.teardown(() => tell('SIGCONT'))
    t.ok(tell('SIGSTOP').length > 0)
    await bar.getByRole('button').first().click()
    await bar.getByText('sent by HTTP to the api').waitFor()
    await bar.locator('[data-stop="complete"]').waitFor()
    await page.locator('.banner').waitFor()
    const greyness = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate(element => {
          const filters: string[] = []
          for (let at: Element | null = element; at !== null; at = at.parentElement)
            filters.push(getComputedStyle(at).filter)
          return filters.some(filter => filter.includes('grayscale'))
        })
    await waitFor(() => greyness('.topics'), { what: 'values that look old' })
    t.equal(await greyness('.stop'), false, 'a stop never looks disabled')
    await bar.getByRole('button').first().click()
    await page.waitForFunction(async () => {
      const answer = await fetch('/api/commands?component=MTMount&index=0')
      const { commands } = (await answer.json()) as {
        commands: { state: string; intake: { door: string } }[]
      }
      return (
        commands.filter(({ state, intake }) => intake.door === 'api' && state === 'complete').length === 2
      )
    })
    tell('SIGCONT')
    await page.waitForFunction(() => document.querySelector('.banner') === null)
    await page.locator('.command-entry[data-command="stop"]').nth(2).waitFor()
    t.equal(await page.locator('.command-entry[data-command="stop"]').count(), 3, 'each ran once')
  })

  await t.test('a gateway that is killed costs nothing but a moment', async t => {
    const name = /gateway-\d+/.exec((await page.locator('.link-state').textContent()) ?? '')?.[0] ?? ''
    process.kill(system.pids[name] as number, 'SIGKILL')
    await page.waitForFunction(before => {
      const state = document.querySelector('.link-state')?.textContent ?? ''
      return state.includes('live') && !state.includes(before) && document.querySelector('.banner') === null
    }, name)
    t.ok(name)
  })

  t.same(
    problems.filter(problem => !problem.includes('404')),
    [],
    'but that no catalogue knows the greenhouse'
  )
})
