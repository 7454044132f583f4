import { setTimeout as sleep } from 'node:timers/promises'
import { createHistory, type History, waitFor } from '@meridian/testing'
import t from 'tap'
import { type GatewayProcess, metricsOf, startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'

// A quarter of a minute by itself; a machine that does much else may take several times as long.
const site = await startObservatory()
t.teardown(() => site.stop())
const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
const everything = { id: 1, patterns: [{ pattern: 'evt.summit.>' }] }
const DRAIN = { DRAIN_MS: '2000' }
const start = async (): Promise<GatewayProcess> => {
  const gateway = await startGateway(site.nats.url, DRAIN)
  t.teardown(() => gateway.end('SIGKILL'))
  return gateway
}
// One is killed, two is drained, three and four serve those that come back.
const [one, two] = await Promise.all([start(), start()])
let three = two
let four = two

/** Publishes on 10 subjects until told to stop, and writes down what the stream took. */
function startLoad(history: History, prefix: string): { published(): number; stop(): Promise<void> } {
  let running = true
  let published = 0
  const done = (async () => {
    for (let n = 0; running; n++) {
      const subject = evt(`${prefix}${n % 10}`)
      await site.put(subject, { n })
      history.published(subject, String(n))
      published++
      if (n % 5 === 0) await sleep(2)
    }
  })()
  return {
    published: () => published,
    stop() {
      running = false
      return done
    }
  }
}

function judge(history: History, prefix: string, ...clients: readonly LiveClient[]): void {
  for (const client of clients)
    for (const { subject, fields } of client.seen)
      if (subject.startsWith(evt(prefix))) history.received(subject, String(fields['n']))
}

const settled = (client: LiveClient): Promise<unknown> => {
  let last = -1
  return waitFor(
    () => {
      const same = client.seen.length === last
      last = client.seen.length
      return same
    },
    { what: 'the stream of records to end', everyMs: 300 }
  )
}

t.test(
  'when a gateway is killed, the other continues from the cursor: nothing missing, nothing twice',
  async t => {
    const before = await LiveClient.open(one.port)
    before.send({ op: 'subscribe', ...everything })
    await before.next('live')
    const history = createHistory()
    const load = startLoad(history, 'kill')
    await before.hasSeen(200)
    await one.end('SIGKILL')
    await before.whenClosed()
    const missed = load.published() + 100
    await waitFor(() => load.published() >= missed, { what: 'what only the cursor can bring' })
    const after = await LiveClient.open(two.port, 'json')
    after.send({ op: 'resume', cursor: before.cursor, subscriptions: [everything] })
    t.match(await after.next('resumed'), { streams: { EVT: 'resumed' } })
    await after.hasSeen(200)
    await load.stop()
    await settled(after)
    judge(history, 'kill', before, after)
    t.doesNotThrow(() => history.verify())
    const { published } = history.report()
    t.ok(published > 300, `${published} messages`)
    after.ws.close()
  }
)

t.test('the broker is killed and comes back: clients are told, nothing is lost', async t => {
  const client = await LiveClient.open(two.port)
  client.send({ op: 'subscribe', ...everything })
  await client.next('live')
  const from = client.seen.length
  const history = createHistory()
  const put = async (n: number): Promise<void> => {
    await site.put(evt(`broker${n % 10}`), { n })
    history.published(evt(`broker${n % 10}`), String(n))
  }
  for (let n = 0; n < 50; n++) await put(n)
  await site.nats.kill9()
  t.match(await client.next('broker'), { broker: 'lost' })
  t.equal((await fetch(`http://127.0.0.1:${two.port}/readyz`)).status, 200, 'it serves what it knows')
  await site.nats.restart()
  t.match(await client.next('broker', 2), { broker: 'connected' })
  await waitFor(() => site.broker.state() === 'connected', { what: 'the publisher to be back' })
  for (let n = 50; n < 100; n++) await put(n)
  await client.hasSeen(from + 100)
  judge(history, 'broker', client)
  t.doesNotThrow(() => history.verify())
  t.equal(client.all('reset').length, 0)
  client.ws.close()
})

t.test(
  'a broker that hangs is told within seconds, in one line of the log, and so is its return',
  async t => {
    const client = await LiveClient.open(two.port)
    await client.next('welcome')
    const linesOf = (text: string): number => two.output().split(text).length - 1
    const before = linesOf('broker does not answer')
    await site.nats.freeze()
    t.match(await client.next('broker'), { broker: 'lost' })
    const late = await waitFor(
      async () => {
        const one = await LiveClient.open(two.port)
        if ((await one.next('welcome')).broker === 'lost') return one
        return void one.ws.close()
      },
      { what: 'those that come now are told too' }
    )
    const metrics = (): Promise<string> => metricsOf(two.port)
    await waitFor(async () => /meridian_gateway_broker_answer_seconds\{[^}]*\} [2-9]/.test(await metrics()), {
      what: 'the time of the answer in the metrics'
    })
    await waitFor(() => linesOf('consumer could not be opened') > 0, { what: 'tries', timeoutMs: 30_000 })
    site.nats.thaw()
    t.match(await client.next('broker', 2), { broker: 'connected' })
    t.equal(linesOf('broker does not answer') - before, 1)
    t.notOk(two.output().includes('"stack"'), 'no stack traces')
    await waitFor(() => site.broker.state() === 'connected', { what: 'the publisher to be back' })
    for (const c of [client, late]) c.ws.close()
  }
)

t.test('SIGTERM: hints, then 1012, exit 0, and the cursor continues elsewhere without a loss', async t => {
  three = await start()
  const leaving = await LiveClient.open(two.port)
  const staying = await LiveClient.open(two.port, 'json')
  for (const client of [leaving, staying]) {
    client.send({ op: 'subscribe', ...everything })
    await client.next('live')
  }
  const history = createHistory()
  const load = startLoad(history, 'drain')
  await leaving.hasSeen(100)
  const exit = two.end('SIGTERM')
  const hint = await leaving.next('reconnect')
  t.match(hint, { reason: 'drain' })
  t.ok(hint.afterMs >= 0 && hint.afterMs < hint.deadlineMs && hint.deadlineMs <= 2000, JSON.stringify(hint))
  t.equal((await fetch(`http://127.0.0.1:${two.port}/readyz`)).status, 503)
  const refused = new LiveClient(two.port)
  t.equal((await refused.whenClosed()).code, 1006, 'no upgrade while draining')
  leaving.ws.close(1000)
  t.match(await staying.whenClosed(), { code: 1012 })
  t.equal(await exit, 0)
  const after = await LiveClient.open(three.port)
  after.send({ op: 'resume', cursor: staying.cursor, subscriptions: [everything] })
  t.match(await after.next('resumed'), { streams: { EVT: 'resumed' } })
  await after.hasSeen(50)
  await load.stop()
  await settled(after)
  judge(history, 'drain', staying, after)
  t.doesNotThrow(() => history.verify())
  after.ws.close()
})

t.test(
  'a cursor older than the ring is served from the stream; what retention dropped is a gap that is told',
  async t => {
    const before = await LiveClient.open(three.port)
    const wanted = { id: 1, patterns: [{ pattern: evt('history') }] }
    before.send({ op: 'subscribe', ...wanted })
    await before.next('live')
    const first = await site.put(evt('history'), { n: 0 })
    await before.hasSeen(1)
    before.ws.close()
    for (let n = 1; n <= 30; n++) await site.put(evt(n % 3 === 0 ? 'history' : 'other'), { n })
    four = await start()
    const clients = await Promise.all(Array.from({ length: 10 }, () => LiveClient.open(four.port)))
    for (const client of clients)
      client.send({ op: 'resume', cursor: before.cursor, subscriptions: [wanted] })
    for (const client of clients) {
      await client.next('live')
      t.match(client.all('resumed'), [{ streams: { EVT: 'resumed' } }])
      t.same(
        client.seen.map(s => s.fields['n']),
        [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]
      )
      client.ws.close()
    }
    await site.jetstream('STREAM.PURGE.EVT', { seq: first + 10 })
    const late = await LiveClient.open(four.port, 'json')
    // Another pattern: what was read for the ones before is kept for a while.
    const more = { id: 1, patterns: [...wanted.patterns, { pattern: evt('unused') }] }
    late.send({ op: 'resume', cursor: before.cursor, subscriptions: [more] })
    t.match(await late.next('resumed'), { streams: { EVT: { gap: { from: first + 1, to: first + 9 } } } })
    await late.next('live')
    t.same(
      late.seen.map(s => s.fields['n']),
      [12, 15, 18, 21, 24, 27, 30]
    )
    late.ws.close()
  }
)

t.test('a stream that is made anew is told as a reset, to clients and to their cursors', async t => {
  const client = await LiveClient.open(four.port)
  client.send({ op: 'subscribe', ...everything })
  await client.next('live')
  const cursor = client.cursor
  await site.jetstream('STREAM.DELETE.EVT')
  t.match(await client.next('broker'), { broker: 'lost' }, 'nothing of it comes: clients are told')
  const ready = await fetch(`http://127.0.0.1:${four.port}/readyz`)
  t.match(await ready.json(), { ready: true, degraded: ['the broker does not have EVT any more'] })
  await site.makeStreams()
  await client.next('reset')
  t.match(await client.next('broker', 2), { broker: 'connected' })
  const from = client.seen.length
  await site.put(evt('anew'), { n: 'first' })
  await client.hasSeen(from + 1)
  t.match(client.seen.at(-1), { subject: evt('anew'), seq: 1, fields: { n: 'first' } })
  const back = await LiveClient.open(four.port)
  back.send({ op: 'resume', cursor, subscriptions: [everything] })
  t.match(await back.next('resumed'), { streams: { EVT: 'snapshot' } })
  t.match(back.all('reset'), [{ stream: 'EVT' }])
  await back.next('live')
  t.same(
    back.seen.map(s => s.subject),
    [evt('anew')]
  )
  for (const c of [client, back]) c.ws.close()
})
