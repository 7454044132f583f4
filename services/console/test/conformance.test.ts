import { fileURLToPath } from 'node:url'
import t from 'tap'
import { build } from 'vite'
import { collect, speak } from './harness/browser-client.ts'
import { startGoldenDoor } from './harness/golden-door.ts'
import { startGoldenListener } from './harness/golden-listener.ts'
import { openBrowser, whyNot } from './harness/open-browser.ts'

const PATTERNS = ['>']

/** The client as one script for a page, built as the console's own build does. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./harness/browser-client.ts', import.meta.url))
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2023', lib: { entry, formats: ['iife'], name: 'golden' } }
  })
  const [output] = Array.isArray(result) ? result : [result]
  if (output === undefined || !('output' in output)) throw new Error('nothing was built')
  return output.output[0].code
}

t.test('the golden frames mean the same to a client in Chromium and in Node', { skip: whyNot }, async t => {
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  await page.addScriptTag({ content: await bundle() })

  async function compare(frame: string): Promise<string> {
    const door = await startGoldenDoor(frame)
    const inBrowser = await page.evaluate(([url, patterns, count]) => window.collect(url, patterns, count), [
      door.url,
      PATTERNS,
      door.updates
    ] as const)
    const inNode = await collect(door.url, PATTERNS, door.updates)
    door.stop()
    t.equal(inNode.length, door.updates, `${frame}: ${door.updates} data records`)
    t.same(inBrowser, inNode)
    return JSON.stringify(inNode)
  }

  const snapshot = await compare('snapshot')
  t.match(snapshot, /bigint 1152921504606846976/, 'an integer beyond 2^53 keeps every digit')
  t.match(snapshot, /number NaN/)
  t.match(snapshot, /number Infinity/)
  await compare('twenty records')
  const clocks = await compare('sources whose clock')
  t.match(clocks, /"time":1795292891.625,"received":1795292928.625/, 'a clock that is behind')
  t.match(clocks, /"time":1795292927.625,"received":1795292927.625/, 'a clock that is right')
})

/** What `speak` says, by the names of the golden frames. */
const SPOKEN = [
  'ping, the first of a connection',
  'subscribe with defaults',
  'subscribe at a whole rate',
  'ping, the first of a connection',
  'resume',
  'subscribe to the stages of a command',
  'command',
  'unsubscribe, a small id'
]

/** Runs `say` against a listener and gives what that heard until the client left. */
async function heardFrom(say: (url: string) => Promise<void>): Promise<readonly string[]> {
  const listener = await startGoldenListener()
  await say(listener.url)
  await listener.left()
  return listener.heard
}

t.test('a client in Node sends the golden frames to the byte', async t => {
  t.same(await heardFrom(url => speak(url, 'msgpack')), SPOKEN)
  t.same(await heardFrom(url => speak(url, 'json')), SPOKEN)
})

t.test('a client in Chromium sends the golden frames to the byte', { skip: whyNot }, async t => {
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  await page.addScriptTag({ content: await bundle() })
  const speakThere = (url: string, protocol: 'msgpack' | 'json'): Promise<void> =>
    page.evaluate(([url, protocol]) => window.speak(url, protocol), [url, protocol] as const)
  t.same(await heardFrom(url => speakThere(url, 'msgpack')), SPOKEN)
  t.same(await heardFrom(url => speakThere(url, 'json')), SPOKEN)
})
