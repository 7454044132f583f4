import { waitFor } from '@meridian/testing'
import t from 'tap'
import { openBrowser, servePage, whyNot } from './open-page.ts'
import { startScriptedServer, type Visitor } from './scripted-server.ts'

const AZIMUTH = 'tel.summit.MTMount.0.azimuth'

/** Runs in the page: makes a client and keeps what it is given. */
const begin = (kind: string, url: string): string => `(() => {
  const client = ${kind}({ url: '${url}' })
  const seqs = []
  Object.assign(globalThis, { client, seqs, place: client.place })
  client.subscribe(['${AZIMUTH}'], { onData: ({ seq }) => seqs.push(seq) })
  client.connect()
})()`

async function answer(visitor: Visitor, seq: number): Promise<number> {
  const { id } = await visitor.next('subscribe')
  visitor.say({ op: 'subscribed', id, topics: 1, refused: [] }, { op: 'topics', topics: [[1, AZIMUTH]] })
  visitor.say([1, seq, 1000, { actual: 1.5 }], { op: 'live', id, cursor: `c${seq}` })
  return id
}

t.test('the entries of the client in Chromium', { skip: whyNot, timeout: 600_000 }, async t => {
  const address = await servePage(t)
  const browser = await openBrowser(t)
  const context = await browser.newContext()

  async function openTab() {
    const page = await context.newPage()
    page.on('pageerror', error => t.fail(error.message))
    await page.goto(address)
    await waitFor(() => page.evaluate('typeof createShared === "function"'), {
      what: 'the page',
      timeoutMs: 30_000
    })
    const seqs = (list: readonly number[]) =>
      waitFor(async () => JSON.stringify(await page.evaluate('seqs')) === JSON.stringify(list), {
        what: `updates ${list}`,
        timeoutMs: 30_000
      })
    return { page, seqs }
  }

  await t.test('the socket is in a worker, and close() ends both', async t => {
    const server = await startScriptedServer()
    t.teardown(() => server.stop())
    const { page, seqs } = await openTab()
    await page.evaluate(begin('createInWorker', server.url))
    t.equal(await page.evaluate('place'), 'worker')
    const visitor = await server.visitor(1)
    await answer(visitor, 5)
    await seqs([5])
    t.equal(page.workers().length, 1)
    await page.evaluate('client.close()')
    t.equal(await visitor.closed, 1000)
    await waitFor(() => page.workers().length === 0, { what: 'the worker to end', timeoutMs: 30_000 })
    await page.close()
  })

  await t.test('tabs share one connection; what a tab wanted ends with it, even if it dies', async t => {
    const server = await startScriptedServer()
    t.teardown(() => server.stop())
    const one = await openTab()
    const other = await openTab()
    await one.page.evaluate(begin('createShared', server.url))
    t.equal(await one.page.evaluate('place'), 'shared worker')
    const visitor = await server.visitor(1)
    await answer(visitor, 5)
    await one.seqs([5])
    await other.page.evaluate(begin('createShared', server.url))
    const id = await answer(visitor, 5)
    visitor.say([1, 6, 1001, {}])
    await other.seqs([5, 6])
    await one.seqs([5, 6])
    t.equal(server.visitors(), 1)
    // The renderer is killed: no handler of the page runs, only its lock is let go.
    await other.page.goto('chrome://crash').catch(() => undefined)
    t.equal((await visitor.next('unsubscribe')).id, id)
    visitor.say([1, 7, 1002, {}])
    await one.seqs([5, 6, 7])
    await one.page.close()
    t.ok((await visitor.closed) > 0, 'the connection ends with the last tab')
  })

  await t.test('many messages are handed over once per frame', async t => {
    const server = await startScriptedServer()
    t.teardown(() => server.stop())
    const { page } = await openTab()
    await page.evaluate(`(() => {
      const client = createPlain({ url: '${server.url}' })
      Object.assign(globalThis, { frames: [] })
      subscribePerFrame(client, ['${AZIMUTH}'], {
        onFrame: (updates, replaced) => frames.push([updates.length, updates.at(-1).seq, replaced])
      })
      client.connect()
    })()`)
    const visitor = await server.visitor(1)
    await answer(visitor, 1)
    for (let seq = 2; seq <= 500; seq++) visitor.say([1, seq, 1001, {}])
    const frames = async () => (await page.evaluate('frames')) as [number, number, number][]
    await waitFor(async () => (await frames()).at(-1)?.[1] === 500, { what: 'the last', timeoutMs: 30_000 })
    const all = await frames()
    t.equal(
      all.reduce((sum, [updates, , replaced]) => sum + updates + replaced, 0),
      500,
      'each is handed over or counted'
    )
    t.ok(all.length < 500, `${all.length} frames`)
    await page.close()
  })
})
