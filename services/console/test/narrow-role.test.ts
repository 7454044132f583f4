/** What a person sees whose role reads a part of the site: nothing looks well that he may not read, and why is said. */
import { loadSite, type SiteRole } from '@meridian/catalogue'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { violationsOf } from './harness/axe.ts'
import { startNight } from './harness/night.ts'
import { newContext, openBrowser, openPage, whyNot } from './harness/open-browser.ts'
import { startDoor } from './harness/start-door.ts'

const INSTANCES = ['MTMount:0', 'MTDome:0', 'MTPtg:0', 'Watcher:0', 'ScriptQueue:1']
const summit = loadSite('summit')
const chief: SiteRole = { read: ['>'], command: ['*.*'] }
const needsChief = /your role is operator, it needs chief/

/** A night with one component in FAULT, seen with these rights; `paths` is what the page asks the api for. */
async function openWith(t: Test, browser: Browser, read: readonly string[]) {
  const site = {
    ...summit,
    instances: summit.instances.filter(({ csc, index }) => INSTANCES.includes(`${csc}:${index}`)),
    roles: new Map([
      ['operator', { read, command: ['*.*'] }],
      ['chief', chief]
    ])
  }
  const door = await startDoor({ site })
  const night = startNight(door.observatory, 'summit', site.instances, { states: { 'MTPtg:0': 3 } })
  const context = await newContext(browser)
  const paths: string[] = []
  context.on('request', request => paths.push(new URL(request.url()).pathname))
  t.teardown(async () => {
    await context.close()
    night.stop()
    await door.stop()
  })
  const { page } = await openPage(browser, door.url, undefined, context)
  return { page, url: door.url, paths, night }
}

const region = (page: Page, name: string) => page.getByRole('region', { name })

t.test('a page of somebody who may not read everything', { skip: whyNot, timeout: 600_000 }, async t => {
  const browser = await openBrowser()
  t.teardown(() => browser.close())

  await t.test('without heartbeats nothing looks alive, and the link is sound', async t => {
    const { page } = await openWith(t, browser, ['evt.>', 'tel.>'])
    await page.getByRole('link', { name: 'MTMount:0, NO ACCESS' }).waitFor()
    await page.getByRole('link', { name: 'MTPtg:0, FAULT' }).waitFor()
    t.equal(await page.locator('.count-noaccess .count-number').textContent(), '4')
    await page.locator('.chip-sound').waitFor()
    t.equal(await page.locator('.banner').count(), 0)
    const problems = region(page, 'Needs attention')
    await problems.getByText(needsChief).waitFor()
    t.match(await problems.textContent(), /NO ACCESS to 4 components, such as .*may not read its heartbeat/)
    t.same(await violationsOf(page), [])
    await page.getByRole('link', { name: 'MTMount:0, NO ACCESS' }).click()
    await page.locator('.instance-head').getByText(needsChief).waitFor()
    t.same(await violationsOf(page), [])
  })

  await t.test('a component that falls silent is silent also for who reads nothing else', async t => {
    const { page, night } = await openWith(t, browser, ['*.*.MTMount.>'])
    await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
    await page.getByRole('link', { name: 'MTDome:0, NO ACCESS' }).waitFor()
    night.silence('MTMount:0')
    await page.getByRole('link', { name: /^MTMount:0, SILENT/ }).waitFor()
    t.equal(await page.locator('.banner').count(), 0)
    await page.locator('.chip-sound').waitFor()
  })

  await t.test('alarms and states that may not be read are not told to be none', async t => {
    const { page } = await openWith(t, browser, ['hb.>', 'evt.*.Producer.*.carries'])
    await page.getByRole('link', { name: 'MTPtg:0, NO ACCESS' }).waitFor()
    for (const [name, what] of [
      ['Alarms', 'alarms'],
      ['State changes', 'how states change'],
      ['Needs attention', 'its state']
    ] as const) {
      const text = (await region(page, name).textContent()) ?? ''
      t.match(text, new RegExp(`may not read ${what}: your role is operator, it needs chief`), name)
      t.notMatch(text, /No open alarm|None on record|none silent/)
    }
    t.match(await region(page, 'Alarms').locator('h2').textContent(), /\?/)
  })

  await t.test('the page of a component says what is missing of it, and asks for none of that', async t => {
    const { page, url, paths } = await openWith(t, browser, ['hb.>', 'evt.*.MTMount.>', 'tel.*.MTDome.>'])
    await page.goto(`${url}#/MTDome:0`)
    await region(page, 'Values').getByText('You may not read its events').waitFor()
    await region(page, 'Events')
      .getByText(/You may not read its events: your role is operator/)
      .waitFor()
    await page.getByText(/You may not read what others send: your role is operator/).waitFor()
    await page.goto(`${url}#/ScriptQueue:1`)
    await region(page, 'Values')
      .getByText(/You may not read what it says/)
      .waitFor()
    await region(page, 'Queue')
      .getByText(/You may not read the state of this queue/)
      .waitFor()
    t.same(
      paths.filter(path => path === '/api/commands'),
      []
    )
    await page.goto(`${url}#/MTMount:0`)
    await region(page, 'Values').getByText('You may not read its telemetry').waitFor()
    await region(page, 'Events').getByText('summaryState').first().waitFor()
  })
})
