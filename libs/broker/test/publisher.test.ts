import { createHistory, createTestLog, startNats, type TestNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  type Broker,
  connectBroker,
  createFollower,
  createPublisher,
  ensureStreams,
  type PublisherOptions,
  streamTable
} from '../src/index.ts'

t.setTimeout(60_000)

const encoder = new TextEncoder()
const subjectOf = (n: number): string => `tel.summit.Test.0.topic${n}`

async function setUp(t: Test, config = ''): Promise<{ nats: TestNats; broker: Broker }> {
  const nats = await startNats({ config })
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  return { nats, broker }
}

function publisherOn(t: Test, broker: Broker, options: Partial<PublisherOptions> = {}) {
  const publisher = createPublisher(broker, { log: createTestLog(), ...options })
  t.teardown(() => publisher.stop())
  return publisher
}

/** Publishes and follows at the same time; the history judges. */
async function startTraffic(t: Test, broker: Broker, { subjects = 50, perMs = 2, stamp = 'a' } = {}) {
  const history = createHistory()
  const publisher = publisherOn(t, broker)
  const follower = createFollower(broker, {
    name: 'check',
    stream: 'TEL',
    start: { kind: 'since', ms: 60_000 },
    onMessage: m => history.received(m.subject, Buffer.from(m.data).toString()),
    onReset: reason => t.fail(`reset: ${reason}`),
    log: createTestLog()
  })
  await follower.start()
  t.teardown(() => follower.stop())
  let n = 0
  const timer = setInterval(() => {
    for (let i = 0; i < 5 * perMs; i++) {
      const subject = subjectOf(n % subjects)
      const id = `${stamp}:${n++}`
      history.published(subject, id)
      publisher.publish({ subject, data: encoder.encode(id), id: `Test:0:${id}`, kind: 'telemetry' })
    }
  }, 5)
  t.teardown(() => clearInterval(timer))
  return {
    history,
    publisher,
    follower,
    count: () => n,
    async finish() {
      clearInterval(timer)
      t.ok(await publisher.flush(20_000), 'all settled')
      await waitFor(() => history.report().lost.length === 0, {
        what: 'everything arrives',
        timeoutMs: 15_000
      })
      history.verify()
      t.match(publisher.stats(), { acked: n, pending: 0, spoolBytes: 0, droppedTelemetry: 0, refused: 0 })
    }
  }
}

t.test('a killed and restarted broker loses, repeats and reorders nothing', async t => {
  const { nats, broker } = await setUp(t)
  const traffic = await startTraffic(t, broker)
  for (let round = 0; round < 2; round++) {
    const before = traffic.publisher.stats().acked
    await waitFor(() => traffic.publisher.stats().acked > before + 500, { what: 'traffic flows' })
    await nats.kill9()
    await nats.restart()
  }
  await traffic.finish()
  t.ok(broker.stats().reconnects >= 2)
  t.comment(JSON.stringify({ ...traffic.publisher.stats(), ...traffic.follower.stats() }))
})

t.test('a broker that is frozen for three seconds loses, repeats and reorders nothing', async t => {
  const { nats, broker } = await setUp(t)
  const traffic = await startTraffic(t, broker)
  await waitFor(() => traffic.publisher.stats().acked > 500, { what: 'traffic flows' })
  nats.freeze()
  await waitFor(() => traffic.publisher.stats().retried > 50, { what: 'messages are sent again' })
  nats.thaw()
  await traffic.finish()
  t.comment(JSON.stringify({ ...traffic.publisher.stats(), ...traffic.follower.stats() }))
})
