import { findChromium } from '@meridian/testing'
import { chromium } from 'playwright-core'

/**
 * Takes a picture of a page: `npx tsx test/harness/shot.ts URL FILE [width height] [action...]`; an action is
 * `click:selector`, `key:name`, `wait:ms`, `type:text`.
 */
const [url = '', file = '', width = '1920', height = '1080', ...actions] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--disable-gpu', '--disable-background-networking']
})
const page = await browser.newPage({ viewport: { width: Number(width), height: Number(height) } })
page.on('console', message => process.stdout.write(`${message.type()}: ${message.text()}\n`))
page.on('pageerror', error => process.stdout.write(`page error: ${error.stack}\n`))
await page.goto(url)
for (const action of actions) {
  const [verb, ...rest] = action.split(':')
  const what = rest.join(':')
  if (verb === 'click') await page.click(what, { timeout: 5000 })
  if (verb === 'key') await page.keyboard.press(what)
  if (verb === 'type') await page.keyboard.type(what)
  if (verb === 'wait') await page.waitForTimeout(Number(what))
}
await page.screenshot({ path: file })
await browser.close()
