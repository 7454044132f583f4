import { createHistory, createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { type Broker, createFollower, createPublisher, type StreamMessage } from '../src/index.ts'
import { follow, LAST, put, setUp, tel, text } from './follower-world.ts'

t.test('a follower of an empty stream is ready at once', async t => {
  const { broker } = await setUp(t)
  const { follower, received } = follow(t, broker)
  await follower.start()
  await follower.whenReady()
  t.match(follower.head(), { seq: 0 })
  await put(broker, tel('a'), '1')
  await waitFor(() => received.length === 1, { what: 'the first message' })
  t.match(follower.head(), { seq: 1, timeUs: received[0]?.timeUs })
})

t.test('the snapshot holds the last value of each subject, and ready means that it is complete', async t => {
  const { broker } = await setUp(t)
  for (let n = 0; n < 30; n++) await put(broker, tel(n % 3), String(n))
  const { follower, received } = follow(t, broker)
  await follower.start()
  await follower.whenReady()
  t.same(received.map(text), ['27', '28', '29'])
  t.equal(follower.head().seq, 30)
  t.ok(Math.abs(follower.head().timeUs / 1000 - Date.now()) < 5000, 'time is UTC microseconds')
  t.equal(follower.stats().skipped, 0)
})

t.test('a follower tells how many messages its stream holds behind the last one that came', async t => {
  const { broker } = await setUp(t)
  for (let n = 0; n < 4; n++) await put(broker, tel(n), String(n))
  const behind: number[] = []
  const onMessage = (): number => behind.push(follower.stats().pending)
  const log = createTestLog()
  const options = { name: 'check', stream: 'TEL', start: LAST, onMessage, onReset: () => {}, log }
  const follower = createFollower(broker, options)
  t.teardown(() => follower.stop())
  t.equal(follower.stats().pending, 0, 'before the first message nothing is known')
  await follower.start()
  await follower.whenReady()
  t.same(behind, [3, 2, 1, 0])
})

t.test('a follower since a time back sees nothing older, and all after it', async t => {
  const { broker } = await setUp(t)
  await put(broker, tel('a'), 'old')
  await waitFor(() => new Promise(resolve => setTimeout(resolve, 400, true)), {
    what: 'the first value ages'
  })
  await put(broker, tel('a'), 'young')
  const { follower, received } = follow(t, broker, { kind: 'since', ms: 200 })
  await follower.start()
  await follower.whenReady()
  t.same(received.map(text), ['young'])
})

t.test('a follower since a time in which nothing came continues from now', async t => {
  const { broker } = await setUp(t)
  await put(broker, tel('a'), 'old')
  await waitFor(() => new Promise(resolve => setTimeout(resolve, 50, true)), { what: 'the value ages' })
  const { follower, received } = follow(t, broker, { kind: 'since', ms: 0 })
  await follower.start()
  await follower.whenReady()
  t.equal(follower.head().seq, 1)
  await put(broker, tel('a'), 'new')
  await waitFor(() => received.length > 0, { what: 'the new value' })
  t.same(received.map(text), ['new'])
})

t.test('snapshot and live join without a gap under load, one hundred times of one hundred', async t => {
  const { broker } = await setUp(t)
  const publisher = createPublisher(broker, { log: createTestLog() })
  t.teardown(() => publisher.stop())
  const published = new Map<string, number>()
  let n = 0
  const publishSome = (): void => {
    for (let i = 0; i < 20; i++) {
      const subject = tel(n++ % 40)
      const value = (published.get(subject) ?? 0) + 1
      published.set(subject, value)
      publisher.publish({
        subject,
        data: Buffer.from(String(value)),
        id: `${subject}:${value}`,
        kind: 'telemetry'
      })
    }
  }
  for (let i = 0; i < 10; i++) publishSome()
  t.ok(await publisher.flush(10_000))
  const timer = setInterval(publishSome, 2)
  t.teardown(() => clearInterval(timer))
  const faults: string[] = []
  for (let round = 0; round < 100; round++) {
    const { follower, received, resets } = follow(t, broker)
    await follower.start()
    await follower.whenReady()
    const inSnapshot = new Set(received.map(message => message.subject)).size
    if (inSnapshot !== 40 || resets.length > 0)
      faults.push(`round ${round}: ${inSnapshot} subjects, ${resets}`)
    const until = received.length + 60
    await waitFor(() => received.length >= until, { what: 'some live messages' })
    await follower.stop()
    faults.push(...holesIn(received))
  }
  t.same(faults, [])
  t.ok(n > 10_000, `${n} published meanwhile`)
})

/** Values of a subject count up by one; the first one of each comes from the snapshot. */
function holesIn(received: readonly StreamMessage[]): string[] {
  const holes: string[] = []
  const lasts = new Map<string, number>()
  for (const message of received) {
    const value = Number(text(message))
    const before = lasts.get(message.subject)
    if (before !== undefined && value !== before + 1)
      holes.push(`${message.subject}: ${before} then ${value}`)
    lasts.set(message.subject, value)
  }
  return holes
}

t.test(
  'a follower is not ready before the value of a subject that was overwritten while it opened',
  async t => {
    const { broker } = await setUp(t)
    for (const topic of ['a', 'b']) await put(broker, tel(topic), 'old')
    const { request } = broker
    const overwriteFirst: Broker['request'] = async (subject, data, options) => {
      if (subject.startsWith('$JS.API.CONSUMER.CREATE'))
        for (const topic of ['a', 'b']) await request(tel(topic), 'new', options)
      return request(subject, data, options)
    }
    Object.assign(broker, { request: overwriteFirst })
    const readyAtMessage: boolean[] = []
    const follower = createFollower(broker, {
      name: 'check',
      stream: 'TEL',
      start: LAST,
      onMessage: () => void readyAtMessage.push(follower.ready()),
      onReset: () => {},
      log: createTestLog()
    })
    t.teardown(() => follower.stop())
    await follower.start()
    await follower.whenReady()
    t.same(readyAtMessage, [false, false])
  }
)

t.test('a follower goes on over a restart of the broker without a gap or a repetition', async t => {
  const { nats, broker } = await setUp(t)
  const { follower, received, resets } = follow(t, broker)
  const history = createHistory()
  await follower.start()
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 20; n++) {
      history.published(tel('a'), `${round}.${n}`)
      await put(broker, tel('a'), `${round}.${n}`)
    }
    if (round < 2) await nats.restart()
  }
  await waitFor(() => received.length >= 60, { what: 'all arrived' })
  for (const message of received) history.received(message.subject, text(message))
  history.verify()
  t.same(resets, [])
  t.ok(follower.stats().creations >= 3)
})

t.test('a consumer that is deleted under the follower is replaced', async t => {
  const { broker } = await setUp(t)
  const { follower, received } = follow(t, broker)
  await follower.start()
  await put(broker, tel('a'), '1')
  const list = await broker.request('$JS.API.CONSUMER.NAMES.TEL', '', { timeoutMs: 2000 })
  const { consumers } = JSON.parse(list.text()) as { consumers: string[] }
  t.equal(consumers.length, 1)
  await broker.request(`$JS.API.CONSUMER.DELETE.TEL.${consumers[0]}`, '', { timeoutMs: 2000 })
  await put(broker, tel('a'), '2')
  await waitFor(() => received.length === 2, { what: 'the second message' })
  t.same(received.map(text), ['1', '2'])
  t.equal(follower.stats().creations, 2)
})

t.test('a callback that throws is counted, and the follower goes on', async t => {
  const { broker } = await setUp(t)
  const seen: number[] = []
  const follower = createFollower(broker, {
    name: 'check',
    stream: 'TEL',
    start: LAST,
    onMessage(message) {
      seen.push(message.seq)
      if (message.seq === 1) throw new Error('bad')
    },
    onReset: () => {},
    log: createTestLog()
  })
  t.teardown(() => follower.stop())
  await follower.start()
  await put(broker, tel('a'), '1')
  await put(broker, tel('a'), '2')
  await waitFor(() => seen.length === 2, { what: 'both' })
  t.equal(follower.stats().callbackErrors, 1)
})

t.test('a stream that does not exist is an error at the start', async t => {
  const { broker } = await setUp(t)
  const { follower } = follow(t, broker, LAST, 'NOPE')
  await t.rejects(follower.start(), { code: 'BRK_NO_STREAM' })
})

t.test('stop removes the consumer from the broker', async t => {
  const { broker } = await setUp(t)
  const { follower } = follow(t, broker)
  await follower.start()
  await follower.stop()
  await follower.stop()
  const list = await broker.request('$JS.API.CONSUMER.NAMES.TEL', '', { timeoutMs: 2000 })
  t.match(JSON.parse(list.text()), { total: 0 })
})
