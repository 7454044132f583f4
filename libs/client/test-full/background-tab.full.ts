// A tab in the background, as Chromium really treats it: after a while it lets timers run once a minute. Three to
// five minutes, nearly all of them spent waiting for such minutes.
import { existsSync } from 'node:fs'
import { findWholeChromium } from '@meridian/testing'
import t, { type Test } from 'tap'
import { openBrowser, servePage } from '../test/open-page.ts'
import { type ScriptedServer, startScriptedServer, type Visitor } from '../test/scripted-server.ts'

const PING_MS = 1000
/** More than a page that is in sight ever leaves between two pings, and less than a minute. */
const LONG_PAUSE_MS = 10_000
/** Two beats of a minute, and what a busy machine takes besides. */
const SOME_BEATS_MS = 180_000

const executablePath = findWholeChromium()
const whyNot = !existsSync(executablePath) && `no Chromium at ${executablePath}: set CHROMIUM_BIN`

/** Chromium with the throttling that Playwright switches off; it begins 3 s after a tab is hidden, not 5 min. */
const LAUNCH = {
  executablePath,
  args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/3'],
  ignoreDefaultArgs: [
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding'
  ]
}

/** Opens a tab, and another one in front of it. Pages that Playwright knows are never hidden: these it does not. */
async function openBehind(t: Test, address: string): Promise<void> {
  const browser = await openBrowser(t, LAUNCH)
  const session = await browser.newBrowserCDPSession()
  const open = async (url: string): Promise<void> => void (await session.send('Target.createTarget', { url }))
  await open(address)
  await open('about:blank')
}

/** Resolves with the pause before the first ping that comes after a long one. */
async function longPause(visitor: Visitor): Promise<number> {
  for (;;) {
    const before = performance.now()
    await visitor.next('ping')
    const pauseMs = performance.now() - before
    if (pauseMs > LONG_PAUSE_MS) return pauseMs
  }
}

const within = <T>(promise: Promise<T>, what: string): Promise<T> =>
  Promise.race([
    promise,
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`in vain: ${what}`)), SOME_BEATS_MS).unref()
    )
  ])

async function hiddenClient(t: Test, create: string): Promise<{ server: ScriptedServer; visitor: Visitor }> {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const begin = `${create}({ url: '${server.url}', pingMs: ${PING_MS} }).connect()`
  await openBehind(t, await servePage(t, begin))
  return { server, visitor: await server.visitor(1) }
}

const options = { skip: whyNot, timeout: 600_000 }

t.test(
  'with a timer once a minute a link that works is kept, and one that is dead is left',
  options,
  async t => {
    const { server, visitor } = await hiddenClient(t, 'createPlain')
    const pauseMs = await within(longPause(visitor), 'a beat of a background tab')
    t.comment(`${Math.round(pauseMs / 1000)} s between two pings`)
    await within(longPause(visitor), 'the next beat')
    t.equal(server.visitors(), 1, 'no needless end')
    visitor.freeze()
    t.equal(await within(visitor.closed, 'the end of a dead link'), 4008)
    t.equal((await within(server.visitor(2), 'another connection')).number, 2)
  }
)

t.test('the socket in a worker keeps its pace in a background tab', options, async t => {
  const { server, visitor } = await hiddenClient(t, 'createInWorker')
  const began = performance.now()
  let longest = 0
  // Long enough for the page's own timers to stand still.
  while (performance.now() - began < 2 * LONG_PAUSE_MS) {
    const before = performance.now()
    await within(visitor.next('ping'), 'a ping')
    longest = Math.max(longest, performance.now() - before)
  }
  t.ok(longest < LONG_PAUSE_MS, `${Math.round(longest)} ms between two pings at most`)
  visitor.freeze()
  t.equal(await within(visitor.closed, 'the end of a dead link'), 4008)
  t.equal(server.visitors() <= 2, true)
})
