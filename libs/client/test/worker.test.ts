import type { ServerRecord } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import type { Update } from '../src/index.ts'
import { createLeases } from '../src/worker/leases.ts'
import type { Port } from '../src/worker/messages.ts'
import { createPageClient } from '../src/worker/page-client.ts'
import { type ServeOptions, servePort } from '../src/worker/serve-port.ts'
import { type ScriptedServer, startScriptedServer, type Visitor } from './scripted-server.ts'

const AZIMUTH = 'tel.summit.MTMount.0.azimuth'
const STATE = 'evt.summit.MTMount.0.summaryState'
const QUICK = { backoff: { baseMs: 1, capMs: 5 }, pingMs: 10_000 } as const

const until = (predicate: () => boolean): Promise<unknown> =>
  waitFor(predicate, { what: String(predicate), timeoutMs: 20_000, everyMs: 2 })

/** A worker in this process: pages talk to it over real message ports. */
function createWorker(options: Partial<ServeOptions> = {}) {
  const leases = createLeases()
  let pages = 0
  const open = () => {
    const { port1, port2 } = new MessageChannel()
    pages++
    servePort(port2 as unknown as Port, { ...leases.forPage(), ...options })
    return { port: port1 as unknown as Port, end: () => port1.close() }
  }
  return { open, pages: () => pages }
}

function createPage(t: Test, server: ScriptedServer, worker: ReturnType<typeof createWorker>) {
  const client = createPageClient({ url: server.url, ...QUICK }, worker.open)
  t.teardown(() => client.close())
  const updates: Update[] = []
  const calls: string[] = []
  const handlers = {
    onData: (update: Update) => void updates.push(update),
    onLive: () => void calls.push('live'),
    onFlush: () => void calls.push('flush'),
    onOutcome: ({ kind, stream }: { kind: string; stream: string }) => void calls.push(`${kind} ${stream}`),
    onRefused: (refused: readonly { error: { code: string } }[]) =>
      void calls.push(`refused ${refused[0]?.error.code}`)
  }
  return { client, updates, calls, handlers, seqs: () => updates.map(({ seq }) => seq) }
}

async function setUp(t: Test, options: Partial<ServeOptions> = {}) {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const worker = createWorker(options)
  return { server, worker, page: () => createPage(t, server, worker) }
}

/** Answers the next `subscribe` with one last value of the azimuth. */
async function answer(visitor: Visitor, seq: number): Promise<number> {
  const { id } = await visitor.next('subscribe')
  visitor.say({ op: 'subscribed', id, topics: 1, refused: [] }, { op: 'topics', topics: [[1, AZIMUTH]] })
  visitor.say([1, seq, 1000, { actual: 1.5, big: 2n ** 60n }], { op: 'live', id, cursor: `c${seq}` })
  return id
}

t.test('a client in a worker has the interface and the values of the plain one', async t => {
  const { server, worker, page } = await setUp(t)
  const { client, updates, calls, handlers, seqs } = page()
  const states: string[] = []
  client.onStatus(({ state }) => void states.push(state))
  const subscription = client.subscribe([AZIMUTH], handlers)
  t.equal(client.status().state, 'idle')
  t.equal(worker.pages(), 0, 'nothing is opened before connect()')
  client.connect()
  const visitor = await server.visitor(1)
  const id = await answer(visitor, 5)
  await until(() => calls.includes('live'))
  t.match(updates[0], {
    subject: AZIMUTH,
    seq: 5,
    snapshot: true,
    fields: { actual: 1.5, big: 2n ** 60n },
    parts: { csc: 'MTMount', topic: 'azimuth' }
  })
  visitor.say([1, 6, 1001, {}])
  await until(() => seqs().includes(6))
  t.match(client.status(), { state: 'live', gateway: 'gw-1', site: 'summit' })
  t.ok((client.status().lastUpdateMs ?? 0) > 0)
  t.same(states.slice(0, 2), ['idle', 'connecting'])

  subscription.update([STATE])
  t.same((await visitor.next('subscribe')).patterns, [{ pattern: STATE }])
  visitor.say({ op: 'error', id, error: { code: 'GTW_BAD_PATTERN', message: 'no', canRetry: false } })
  await until(() => calls.includes('refused GTW_BAD_PATTERN'))
  subscription.close()
  t.equal((await visitor.next('unsubscribe')).id, id)
  client.close()
  t.equal(client.status().state, 'closed')
  t.equal(await visitor.closed, 1000, 'and the socket is closed in order')
})

t.test('a command reports its stages, and its errors keep their codes', async t => {
  const { server, page } = await setUp(t)
  const { client } = page()
  client.connect()
  const visitor = await server.visitor(1)
  const refused = client.command({ csc: 'MTMount', index: 0, command: 'park' })
  const stages = (await visitor.next('subscribe')).id
  visitor.say(
    { op: 'subscribed', id: stages, topics: 0, refused: [] },
    { op: 'live', id: stages, cursor: 'c' }
  )
  const { id } = await visitor.next('command')
  t.equal(id, refused.id, 'the page names the command')
  visitor.say({
    op: 'command',
    id,
    error: { code: 'CMD_NOT_ALLOWED', message: 'no', canRetry: false, facts: { user: 'x' } }
  })
  await t.rejects(refused.accepted, { name: 'ClientError', code: 'CMD_NOT_ALLOWED', facts: { user: 'x' } })
  await t.rejects(refused.done, { code: 'CMD_NOT_ALLOWED' })
  const notData = client.command({ csc: 'A', index: 0, command: 'b', params: { run: () => 1 } })
  await t.rejects(notData.accepted, { code: 'SDK_BAD_COMMAND' })
  const open = client.command({ csc: 'MTMount', index: 0, command: 'park' })
  client.close()
  await t.rejects(open.done, { code: 'SDK_CLOSED' })
})

t.test('pages with the same options share a connection; it ends with the last of them', async t => {
  const { server, page } = await setUp(t)
  const one = page()
  const other = page()
  one.client.subscribe([AZIMUTH], one.handlers)
  one.client.connect()
  const visitor = await server.visitor(1)
  await answer(visitor, 5)
  await until(() => one.calls.includes('live'))
  other.client.subscribe([AZIMUTH], other.handlers)
  other.client.connect()
  const id = await answer(visitor, 5)
  await until(() => other.calls.includes('live'))
  visitor.say([1, 6, 1001, {}])
  await until(() => one.seqs().includes(6) && other.seqs().includes(6))
  t.same(one.seqs(), [5, 6], 'the last value of the other page is not for this one')
  t.equal(server.visitors(), 1)
  other.client.close()
  t.equal((await visitor.next('unsubscribe')).id, id, 'what the page asked for ends')
  visitor.say([1, 7, 1002, {}])
  await until(() => one.seqs().includes(7))
  one.client.close()
  t.equal(await visitor.closed, 1000)
})

t.test('a page that says nothing is taken for dead, and begins anew if it was only frozen', async t => {
  const { server, worker, page } = await setUp(t, { silenceMs: 50 })
  const { client, calls, handlers } = page()
  client.subscribe([AZIMUTH], handlers)
  client.connect()
  const visitor = await server.visitor(1)
  t.equal(await visitor.closed, 1000, 'its subscriptions and the connection end')
  client.probe()
  await until(() => worker.pages() === 2)
  t.same(calls.slice(0, 1), ['snapshot *'], 'told that it had missed something')
  await server.visitor(2)
})

t.test('what a page does not take is bounded: it gets last values once it has caught up', async t => {
  const { server, worker, page } = await setUp(t, { maxUnread: 3 })
  const { client, calls, handlers, seqs } = page()
  client.subscribe([AZIMUTH], handlers)
  client.connect()
  const visitor = await server.visitor(1)
  const id = await answer(visitor, 1)
  await until(() => calls.includes('live'))
  visitor.say(...Array.from({ length: 10 }, (_, i): ServerRecord => [1, 2 + i, 1001, {}]))
  t.equal((await visitor.next('unsubscribe')).id, id)
  await answer(visitor, 50)
  await until(() => seqs().includes(50))
  t.ok(calls.includes('snapshot *'), 'and is told so')
  t.ok(seqs().length <= 5, `${seqs().length} updates`)
  t.equal(worker.pages(), 1)
})

t.test('a worker that cannot be started is an end with a code', async t => {
  const { server } = await setUp(t)
  const client = createPageClient({ url: server.url }, () => {
    throw new Error('refused by the policy')
  })
  const command = client.command({ csc: 'MTMount', index: 0, command: 'park' })
  client.connect()
  t.match(client.status(), { state: 'closed', error: { code: 'SDK_WORKER_LOST', canRetry: true } })
  client.close()
  await t.rejects(command.accepted, { code: 'SDK_CLOSED' })
  t.throws(() => createPageClient({ url: 'gopher://x' }, () => t.fail() as never), { code: 'SDK_BAD_URL' })
})
