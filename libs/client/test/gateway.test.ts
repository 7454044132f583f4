import { append, type Broker, createPublisher } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter } from '@meridian/msgpack'
import { type AckRecord, type CommandState, parseCommandPayload } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { ackOf, eventOf, telemetryOf } from '@meridian/subjects'
import { createHistory, waitFor } from '@meridian/testing'
import t from 'tap'
import { type Client, createClient } from '../src/index.ts'
import { type MinMax, readMinMax } from '../src/minmax.ts'
import { startFront, startGateway } from './real-gateway.ts'

const SUBJECTS = 8
const writer = createFieldsWriter([{ name: 'n', type: 'long', count: 1 }])
const topicOf = (i: number) => ({ site: 'summit', csc: 'Test', index: i % SUBJECTS, topic: 'scalars' })

const { nats, broker, log, stop } = await startTestSite()
t.teardown(stop)
const [a, b, c] = await Promise.all([
  startGateway(nats.url, 'gw-a'),
  startGateway(nats.url, 'gw-b'),
  startGateway(nats.url, 'gw-c')
])
t.teardown(() => Promise.all([a, b, c].map(gateway => gateway.end('SIGKILL'))))
const front = await startFront(a.port)
t.teardown(() => front.stop())

function sampleOf(n: number): Uint8Array {
  const stamp = Date.now() / 1000 + 37
  const rest = { origin: 1, identity: 'Test', revCode: '', uncatalogued: false }
  return encodeSample({ sndStamp: stamp, rcvStamp: stamp, seqNum: n, ...rest, fields: writer({ n }) })
}

/**
 * Publishes events and telemetry in turn, some 1,000 a second, until told to stop; notes each in the history.
 */
function startPublishing(history: ReturnType<typeof createHistory>, first: number) {
  const publisher = createPublisher(broker, { log })
  let next = first
  const timer = setInterval(() => {
    for (let i = 0; i < 10; i++, next++) {
      const isEvent = next % 2 === 0
      const subject = isEvent ? eventOf(topicOf(next)) : telemetryOf(topicOf(next))
      history.published(subject, String(next))
      publisher.publish({
        subject,
        data: sampleOf(next),
        id: `t:${next}`,
        kind: isEvent ? 'event' : 'telemetry'
      })
    }
  }, 10)
  return {
    async stop(): Promise<void> {
      clearInterval(timer)
      await publisher.flush(5000)
      publisher.stop()
    }
  }
}

function follow(client: Client, history: ReturnType<typeof createHistory>) {
  const outcomes: string[] = []
  let received = 0
  let live = 0
  client.subscribe<{ n: number }>(
    [
      { pattern: 'evt.summit.Test.*.scalars', quality: 'all' },
      { pattern: 'tel.summit.Test.*.scalars', quality: 'all' }
    ],
    {
      onData({ subject, fields }) {
        received++
        history.received(subject, String(fields.n))
      },
      onLive: () => live++,
      onOutcome: outcome => outcomes.push(`${outcome.stream} ${outcome.kind}`)
    }
  )
  return { outcomes, received: () => received, live: () => live }
}

const clientOf = (t: { teardown(run: () => void): void }): Client => {
  const client = createClient({ url: front.url, backoff: { baseMs: 20, capMs: 200 } })
  t.teardown(() => client.close())
  return client
}

const until = (what: string, predicate: () => boolean, timeoutMs = 10_000): Promise<unknown> =>
  waitFor(predicate, { what, timeoutMs })

const settled = (history: ReturnType<typeof createHistory>): boolean => {
  const { published, received } = history.report()
  return received >= published
}

t.test('a gateway that refuses the upgrade says why, with its own code', async t => {
  const client = createClient({ url: `ws://127.0.0.1:${a.port}/elsewhere` })
  t.teardown(() => client.close())
  client.connect()
  await waitFor(() => client.status().state === 'closed', { what: 'its end' })
  t.match(client.status().error, { code: 'GTW_BAD_UPGRADE', message: /expected: \/live$/ })
})

t.test('extremes of buckets reach a program, and together they hold every sample once', async t => {
  const subject = telemetryOf({ site: 'summit', csc: 'Extremes', index: 0, topic: 'scalars' })
  const client = createClient({ url: `ws://127.0.0.1:${a.port}/live` })
  t.teardown(() => client.close())
  const buckets: MinMax[] = []
  let isLive = false
  client.subscribe([{ pattern: subject, quality: 'minmax', rate: 5 }], {
    onLive: () => {
      isLive = true
    },
    onData: ({ fields }) => void buckets.push(readMinMax(fields) as MinMax)
  })
  client.connect()
  await waitFor(() => isLive, { what: 'the subscription', timeoutMs: 30_000 })
  for (let n = 1; n <= 30; n++) await append(broker, { subject, data: sampleOf(n) })
  const count = (): number => buckets.reduce((sum, bucket) => sum + bucket.count, 0)
  await waitFor(() => count() >= 30, { what: 'all samples in buckets', timeoutMs: 30_000 })
  t.equal(count(), 30)
  t.equal(Math.min(...buckets.map(({ min }) => Number(min['n']))), 1)
  t.equal(Math.max(...buckets.map(({ max }) => Number(max['n']))), 30)
})

t.test(
  'a drained gateway is left make-before-break: nothing missing, nothing twice, never not live',
  async t => {
    front.aim(a.port)
    const history = createHistory()
    const client = clientOf(t)
    const seen = follow(client, history)
    const states = new Set<string>()
    client.connect()
    await until('live', () => seen.live() === 1)
    client.onStatus(({ state }) => states.add(state))
    t.equal(client.status().gateway, 'gw-a')
    const publishing = startPublishing(history, 0)
    await until('the first thousand', () => seen.received() >= 1000)
    front.aim(b.port)
    const exit = a.end('SIGTERM')
    await until('the other gateway', () => client.status().gateway === 'gw-b', 15_000)
    const moved = seen.received()
    await until('another thousand', () => seen.received() >= moved + 1000)
    t.equal(await exit, 0)
    await publishing.stop()
    await until('all to arrive', () => settled(history))
    const report = history.report()
    history.verify('all')
    t.same([...states], ['live'])
    t.comment(`${report.received} of ${report.published} received`)
  }
)

/** The next stage of a command, as a commander records it. */
async function record(broker: Broker, id: string, state: Exclude<CommandState, 'accepted'>): Promise<void> {
  const stage: AckRecord = {
    id,
    csc: 'Test',
    index: 0,
    command: 'setScalars',
    state,
    time: Date.now() / 1000 + 37,
    commander: 'scripted',
    boot: 'b'
  }
  const subject = ackOf({ site: 'summit', csc: 'Test', index: 0 }, id)
  await append(broker, { subject, data: new TextEncoder().encode(JSON.stringify(stage)) })
}

/** A commander that accepts whatever comes; gives the ids that it was asked for. */
async function startCommander(t: { teardown(run: () => void): void }): Promise<readonly string[]> {
  const asked: string[] = []
  const serving = broker.subscribe('cmd.summit.Test.0.*', message => {
    const { id = '' } = parseCommandPayload(message.data)
    asked.push(id)
    const subject = ackOf({ site: 'summit', csc: 'Test', index: 0 }, id)
    const accepted = {
      id,
      state: 'accepted',
      acceptedAt: 1,
      notAfter: 11,
      ackSubject: subject,
      duplicate: false
    }
    message.respond(JSON.stringify(accepted))
  })
  t.teardown(() => serving.unsubscribe())
  await broker.flush()
  return asked
}

t.test(
  'after kill -9 of its gateway a client resumes on the other: 0 missing, 0 repeated, no stage lost',
  async t => {
    front.aim(c.port)
    const history = createHistory()
    const client = clientOf(t)
    const last = new Set<string>()
    const seen = follow(client, {
      ...history,
      // Last values of the test before this one are no part of this history.
      received: (subject, id) => (Number(id) < 1_000_000 ? last.add(id) : history.received(subject, id))
    })
    client.connect()
    await until('live', () => seen.live() === 1)
    const asked = await startCommander(t)
    const stages: string[] = []
    const handle = client.command(
      { csc: 'Test', index: 0, command: 'setScalars' },
      { onStage: ({ state }) => void stages.push(state) }
    )
    await handle.accepted
    await record(broker, handle.id, 'dispatching')
    const publishing = startPublishing(history, 1_000_000)
    const before = seen.received()
    await until('the first thousand', () => seen.received() >= before + 1000)
    front.aim(b.port)
    await until('the first stage', () => stages.length === 1)
    await c.end('SIGKILL')
    await record(broker, handle.id, 'inProgress')
    await record(broker, handle.id, 'complete')
    await until('the other gateway', () => client.status().gateway === 'gw-b' && seen.live() === 2)
    const resumed = seen.received()
    await until('another thousand', () => seen.received() >= resumed + 1000)
    await publishing.stop()
    await until('all to arrive', () => settled(history))
    const report = history.report()
    history.verify('all')
    t.same([...seen.outcomes].sort(), ['EVT resumed', 'TEL resumed'])
    t.equal((await handle.done).state, 'complete')
    t.same(stages, ['dispatching', 'inProgress', 'complete'])
    t.same(asked, [handle.id], 'asked once')
    t.comment(`${report.received} of ${report.published} received`)
  }
)
