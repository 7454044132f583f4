import { append } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { eventOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import type { Page } from 'playwright-core'
import t from 'tap'
import { createClient, type KeptState, type KeptStorage } from '../src/kept.ts'
import { openBrowser, servePage, whyNot } from './open-page.ts'
import { startGateway } from './real-gateway.ts'

const KEY = 'kept'
const writer = createFieldsWriter([{ name: 'n', type: 'long', count: 1 }])
const subject = eventOf({ site: 'summit', csc: 'Test', index: 0, topic: 'scalars' })
const origin = await servePage(t)
const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const settings = { ALLOWED_ORIGINS: new URL(origin).origin }
const gateway = await startGateway(nats.url, 'gw', settings)
t.teardown(() => gateway.end('SIGKILL'))
const url = `ws://127.0.0.1:${gateway.port}/live`

async function put(...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) {
    const stamp = Date.now() / 1000 + 37
    const envelope = { origin: 1, identity: 'Test', revCode: '', uncatalogued: false }
    const sample = { ...envelope, sndStamp: stamp, rcvStamp: stamp, seqNum: n, fields: writer({ n }) }
    await append(broker, { subject, data: encodeSample(sample) })
  }
}

/** What a page was told, in its own words. */
interface Told {
  readonly kept: KeptState
  readonly numbers: readonly number[]
  readonly outcomes: readonly string[]
  readonly live: number
}

/** Runs in the page: a client with one subscription, and what it was told. */
const BEGIN = `(() => {
  const client = createKept({ url: '${url}', key: '${KEY}' })
  const told = { kept: client.kept(), numbers: [], outcomes: [], live: 0 }
  Object.assign(globalThis, { client, told })
  client.subscribe(['${subject}'], {
    onData: ({ fields }) => told.numbers.push(fields.n),
    onOutcome: ({ kind, stream }) => told.outcomes.push(kind + ' ' + stream),
    onLive: () => told.live++
  })
  client.connect()
})()`

async function begin(page: Page): Promise<Told> {
  await page.goto(origin)
  await waitFor(() => page.evaluate('typeof createKept === "function"'), { what: 'page', timeoutMs: 30_000 })
  await page.evaluate(BEGIN)
  await waitFor(() => page.evaluate('told.live > 0'), { what: 'live', timeoutMs: 30_000 })
  return toldOf(page)
}

const toldOf = async (page: Page): Promise<Told> => (await page.evaluate('told')) as Told

t.test(
  'over a reload of its page a client goes on where it was',
  { skip: whyNot, timeout: 600_000 },
  async t => {
    const browser = await openBrowser(t)
    const page = await (await browser.newContext()).newPage()
    await put(1, 2)
    const first = { kept: 'nothing', numbers: [2], outcomes: [], live: 1 }
    t.same(await begin(page), first, 'at first a last value')
    await put(3)
    await waitFor(async () => (await toldOf(page)).numbers.includes(3), {
      what: 'a message',
      timeoutMs: 30_000
    })

    await t.test('nothing is missing and nothing comes twice', async t => {
      await page.goto('about:blank')
      await put(4, 5)
      t.same(await begin(page), { kept: 'found', numbers: [4, 5], outcomes: ['resumed EVT'], live: 1 })
      await put(6)
      await waitFor(async () => (await toldOf(page)).numbers.includes(6), { what: 'more', timeoutMs: 30_000 })
      await page.reload()
      t.same(await begin(page), { kept: 'found', numbers: [], outcomes: ['resumed EVT'], live: 1 })
    })

    await t.test('nonsense in the storage costs the continuation alone', async t => {
      const anew = { numbers: [6], live: 1 }
      const outcomes: Record<string, readonly [KeptState, readonly string[]]> = {
        '{"version":1,"savedMs":': ['unreadable', []],
        null: ['unreadable', []],
        '{"version":1,"savedMs":0,"cursor":"1","subscriptions":[]}': ['old', []],
        [`{"version":1,"savedMs":${Date.now()},"cursor":7,"subscriptions":[]}`]: ['unreadable', []],
        [`{"version":1,"savedMs":${Date.now()},"cursor":"x","subscriptions":["[{\\"pattern\\":\\"${subject}\\"}]"]}`]:
          ['found', ['snapshot *']]
      }
      for (const [text, [kept, told]] of Object.entries(outcomes)) {
        // The page that goes keeps its own once more.
        await page.goto('about:blank')
        await page.goto(origin)
        await page.evaluate(`sessionStorage.setItem('${KEY}', ${JSON.stringify(text)})`)
        t.same(await begin(page), { kept, ...anew, outcomes: told }, text)
      }
    })

    await t.test('what is closed is not continued', async t => {
      await page.evaluate('client.close()')
      t.equal(await page.evaluate(`sessionStorage.getItem('${KEY}')`), null)
      t.match(await begin(page), { kept: 'nothing', numbers: [6] })
    })
  }
)

/** A storage of a program's own. */
function createStorage(
  more: Partial<KeptStorage> = {}
): KeptStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    getItem: key => items.get(key) ?? null,
    setItem: (key, text) => void items.set(key, text),
    removeItem: key => void items.delete(key),
    ...more
  }
}

t.test(
  'in Node a storage of its own does the same; other patterns begin anew, and so does what is old',
  async t => {
    await put(10)
    const storage = createStorage()
    const follow = async (pattern: string, maxAgeMs?: number) => {
      const client = createClient({ url, storage, ...(maxAgeMs !== undefined && { maxAgeMs }) })
      t.teardown(() => client.close())
      const numbers: unknown[] = []
      let live = 0
      client.subscribe([pattern], {
        onData: ({ fields }) => void numbers.push(fields['n']),
        onLive: () => void live++
      })
      client.connect()
      await waitFor(() => live > 0, { what: 'live', timeoutMs: 30_000 })
      return { kept: client.kept(), numbers }
    }
    t.same(await follow(subject), { kept: 'nothing', numbers: [10] })
    await waitFor(() => storage.items.size > 0, { what: 'a kept cursor', timeoutMs: 30_000 })
    t.same([...storage.items.keys()], [`meridian:${url}`])
    t.same(await follow('evt.summit.Test.*.scalars'), { kept: 'found', numbers: [10] }, 'last values')
    t.same(await follow(subject, 0), { kept: 'old', numbers: [10] })
  }
)

t.test('a storage that refuses is told, and the client works all the same', async t => {
  const refuse = (): never => {
    throw new Error('no room')
  }
  const full = createClient({ url, storage: createStorage({ setItem: refuse }) })
  const shut = createClient({
    url,
    storage: createStorage({ getItem: refuse, setItem: refuse, removeItem: refuse })
  })
  t.equal(shut.kept(), 'unavailable')
  t.equal(full.kept(), 'nothing')
  for (const client of [full, shut]) {
    client.subscribe([subject], { onData: () => undefined })
    client.connect()
    t.teardown(() => client.close())
  }
  await waitFor(() => full.kept() === 'unavailable' && shut.status().state === 'live', {
    what: 'a write that is refused',
    timeoutMs: 30_000
  })
  t.equal(createClient({ url }).kept(), 'unavailable', 'Node has no storage of its own')
})
