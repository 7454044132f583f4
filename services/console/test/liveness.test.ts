import type { Browser } from 'playwright-core'
import t from 'tap'
import { reloadCases } from './cases/reloads.ts'
import { silenceCases } from './cases/silence.ts'
import { openBrowser, whyNot } from './harness/open-browser.ts'

// Alive or not: side by side, for silence takes its time.
let browser: Browser

t.before(async () => {
  if (whyNot === false) browser = await openBrowser()
})
t.after(async () => {
  if (whyNot === false) await browser.close()
})

/** Tests at a time; each has a night of its own. */
const AT_A_TIME = 4

t.test('alive or not', { skip: whyNot, jobs: AT_A_TIME }, async t => {
  const running = [...silenceCases, ...reloadCases].map(([name, run]) =>
    t.test(name, { buffered: true }, t => run(t, browser))
  )
  await Promise.all(running)
})

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
