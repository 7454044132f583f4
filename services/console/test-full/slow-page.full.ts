/** What the page says where its line is too slow for what it shows; two megabytes a second are dear to make. */
import { randomBytes } from 'node:crypto'
import { connectBroker } from '@meridian/broker'
import { createTestLog, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { openBrowser, openPage, whyNot } from '../test/harness/open-browser.ts'
import { startSlowLink } from '../test/harness/slow-link.ts'
import { type System, startSystem, whyNoSystem } from '../test/harness/start-system.ts'

const skip = whyNot === false ? whyNoSystem : whyNot

/** A device whose telemetry is some 2 MB a second, which nobody can compress; returns what ends it. */
async function startTalking(t: Test, { nats }: System): Promise<() => void> {
  const broker = await connectBroker({ servers: nats, name: 'camera', log: createTestLog() })
  let row = 0
  const timer = setInterval(() => {
    const text = randomBytes(100_000).toString('base64')
    broker.publish(`raw.small.Camera.0.tel.row${row++ % 10}`, JSON.stringify({ text }))
  }, 50)
  t.teardown(() => {
    clearInterval(timer)
    return broker.drain()
  })
  return () => clearInterval(timer)
}

/** How often a gateway has moved a client to this step, by its own account. */
async function degradationsOf({ ready }: System, step: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', ready['gateway-1']))).text()
  const pattern = new RegExp(
    `^meridian_gateway_degradations_total\\{[^}]*step="(?:${step})"[^}]*\\} ([1-9]\\d*)$`,
    'm'
  )
  return Number(pattern.exec(metrics)?.[1])
}

t.test('a page that reads too slowly is told what is slower, and when that is over', { skip }, async t => {
  const system = await startSystem()
  t.teardown(() => system.stop())
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page } = await openPage(browser, system.url)
  await page.getByRole('link', { name: 'MTMount:0, ENABLED' }).waitFor()
  const gateway = system.ready['gateway-1'] as string
  const link = await startSlowLink({ url: system.url, gateway, bytesPerSecond: 300_000 })
  t.teardown(() => link.stop())
  const slow = await openPage(browser, `${link.url}#/Camera:0`)
  t.teardown(() => slow.context.close())
  const stopTalking = await startTalking(t, system)
  await waitFor(async () => (await degradationsOf(system, 'slower|latest')) > 0, {
    what: 'a step down',
    timeoutMs: 60_000
  })
  link.hurry()
  const banner = slow.page.getByRole('alert').getByText('SLOW CONNECTION')
  await banner.waitFor()
  t.match(
    await slow.page.locator('.banner-degraded').textContent(),
    /telemetry [\s\S]*Close plots and other tabs/i
  )
  stopTalking()
  await banner.waitFor({ state: 'detached', timeout: 60_000 })
  t.ok((await degradationsOf(system, 'none')) > 0)
  // The api has no component of this name.
  t.same(
    slow.problems.filter(text => !text.includes('404')),
    []
  )
  t.equal(await page.getByText('SLOW CONNECTION').count(), 0, 'nobody else was slowed down')
})
