import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { ensureStreams, readStream, streamState, streamTable } from '../src/index.ts'
import { NOT_NOW_MS } from '../src/timing.ts'
import {
  everything,
  publisherOn,
  publishOne,
  setUp,
  startTraffic,
  storedSizes,
  subjectOf
} from './publisher-world.ts'

const encoder = new TextEncoder()

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
  await nats.freeze()
  await waitFor(() => traffic.publisher.stats().retried > 50, { what: 'messages are sent again' })
  nats.thaw()
  await traffic.finish()
  t.comment(JSON.stringify({ ...traffic.publisher.stats(), ...traffic.follower.stats() }))
})

t.test(
  'a component that restarts with its counter at one loses nothing, since its stamp differs',
  async t => {
    const { broker } = await setUp(t)
    const publisher = publisherOn(t, broker)
    for (const stamp of ['1000.125', '1007.5'])
      for (let seqNum = 1; seqNum <= 20; seqNum++)
        publisher.publish(publishOne(subjectOf(1), `Test:0:topic1:4711:${seqNum}:${stamp}${seqNum}`))
    t.ok(await publisher.flush(5_000))
    t.equal((await streamState(broker, 'TEL')).messages, 40)
    t.match(publisher.stats(), { acked: 40, duplicates: 0 })
  }
)

t.test('two producers that overlap store nothing twice', async t => {
  const { broker } = await setUp(t)
  const both = [publisherOn(t, broker), publisherOn(t, broker)]
  for (let n = 0; n < 200; n++)
    for (const one of both) one.publish(publishOne(subjectOf(n % 7), `Test:0:${n}`))
  for (const one of both) t.ok(await one.flush(5_000))
  t.equal((await streamState(broker, 'TEL')).messages, 200)
  for (const one of both) t.equal(one.stats().acked, 200)
})

t.test('a full spool drops the oldest telemetry first, keeps the events, and counts', async t => {
  const { nats, broker } = await setUp(t)
  const publisher = publisherOn(t, broker, { spoolBytes: 100 * 1200 })
  const seen: string[] = []
  await nats.kill9()
  await waitFor(() => broker.state() === 'disconnected', { what: 'the connection is lost' })
  for (let n = 0; n < 150; n++) {
    publisher.publish(publishOne(subjectOf(n % 10), `t${n}`, 'telemetry', 1000))
    if (n < 50) publisher.publish(publishOne(`evt.summit.Test.0.topic${n % 5}`, `e${n}`, 'event', 1000))
  }
  t.match(publisher.stats(), { pending: 100, droppedTelemetry: 100, droppedEvents: 0, published: 200 })
  t.ok(publisher.stats().spoolBytes <= 100 * 1200)
  for (let n = 50; n < 70; n++) publisher.publish(publishOne('evt.summit.Test.0.big', `e${n}`, 'event', 3800))
  t.match(publisher.stats(), { droppedTelemetry: 150, droppedEvents: 17 })

  await nats.restart()
  t.ok(await publisher.flush(20_000))
  for await (const message of readStream(broker, { ...everything, stream: 'EVT' })) seen.push(message.subject)
  t.equal(seen.length, 53, 'every event that was not counted as dropped is stored')
  t.equal((await streamState(broker, 'TEL')).messages, 0)
})

t.test('of the telemetry it is the newest that survives', async t => {
  const { nats, broker } = await setUp(t)
  const publisher = publisherOn(t, broker, { spoolBytes: 20 * 300 })
  await nats.kill9()
  await waitFor(() => broker.state() === 'disconnected', { what: 'the connection is lost' })
  for (let n = 0; n < 60; n++)
    publisher.publish({
      subject: subjectOf(n % 3),
      data: Buffer.alloc(100, String(n).padEnd(4)),
      id: `t${n}`,
      kind: 'telemetry'
    })
  await nats.restart()
  t.ok(await publisher.flush(20_000))
  const seen: number[] = []
  for await (const message of readStream(broker, { ...everything, stream: 'TEL' }))
    seen.push(Number(Buffer.from(message.data.subarray(0, 4)).toString()))
  t.same(
    seen.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => 40 + n)
  )
})

t.test('what the broker does not permit is dropped and counted, and disturbs nothing else', async t => {
  const configOf = (rights: string) =>
    `authorization { users: [ { user: any, password: any, permissions: { publish: { ${rights} } } } ] }\nno_auth_user: any`
  const { nats, broker } = await setUp(t, configOf('allow: ">"'))
  await nats.reload(configOf('deny: "tel.summit.Test.0.secret"'))
  const publisher = publisherOn(t, broker)
  for (let n = 0; n < 30; n++)
    publisher.publish(
      publishOne(n % 3 === 0 ? subjectOf(0).replace('topic0', 'secret') : subjectOf(n), `p${n}`)
    )
  t.ok(await publisher.flush(5_000))
  t.match(publisher.stats(), { acked: 20, refused: 10, pending: 0 })
})

t.test(
  'bad ids, bad subjects and too large messages are refused and counted, and the rest goes on',
  async t => {
    const { broker } = await setUp(t, 'max_payload: 2000')
    const publisher = publisherOn(t, broker)
    publisher.publish(publishOne(subjectOf(0), 'two words'))
    publisher.publish(publishOne(subjectOf(0), 'line\r\nEvil: header'))
    publisher.publish(publishOne('tel.summit with space', 'a'))
    publisher.publish(publishOne(subjectOf(0), 'b', 'telemetry', 5000))
    publisher.publish(publishOne(subjectOf(0), 'c'))
    t.ok(await publisher.flush(5_000))
    t.match(publisher.stats(), { acked: 1, refused: 4, pending: 0 })
  }
)

t.test(
  'messages for a stream that is not there yet wait for it, and do not hold up other streams',
  async t => {
    const { broker } = await setUp(t)
    await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 2000 })
    const publisher = publisherOn(t, broker, { windowMessages: 8 })
    for (let n = 0; n < 40; n++) publisher.publish(publishOne(subjectOf(n), `t${n}`))
    publisher.publish(publishOne('evt.summit.Test.0.summaryState', 'e', 'event'))
    await waitFor(() => publisher.stats().acked === 1, { what: 'the event is stored' })
    t.notOk(await publisher.flush(100), 'telemetry is still pending')
    await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
    t.ok(await publisher.flush(15_000))
    t.match(publisher.stats(), { acked: 41, duplicates: 0 })
  }
)

t.test('messages of one subject are stored in order although each has to be sent again', async t => {
  const { broker } = await setUp(t)
  await broker.request('$JS.API.STREAM.DELETE.TEL', '', { timeoutMs: 2000 })
  const publisher = publisherOn(t, broker)
  for (let n = 0; n < 60; n++) publisher.publish(publishOne(subjectOf(n % 2), `t${n}`, 'telemetry', n + 1))
  await waitFor(() => publisher.stats().retried >= 6, { what: 'messages are sent again' })
  await ensureStreams(broker, streamTable('summit', 'laptop'), createTestLog())
  t.ok(await publisher.flush(15_000))
  for (const topic of [0, 1]) {
    t.same(
      await storedSizes(broker, subjectOf(topic)),
      Array.from({ length: 30 }, (_, n) => 2 * n + topic + 1)
    )
  }
})

t.test('ten thousand subjects that come once each leave nothing behind', async t => {
  const { broker } = await setUp(t)
  const publisher = publisherOn(t, broker)
  for (let n = 0; n < 25_000; n++)
    publisher.publish(publishOne(`script.summit.1.${n}.state`, `s${n}`, 'event'))
  t.ok(await publisher.flush(20_000))
  t.match(publisher.stats(), { acked: 25_000, spoolBytes: 0 })
})

t.test('attempts without answer do not lengthen the wait after a first "not now"', async t => {
  const { broker } = await setUp(t)
  const sentMs: number[] = []
  const answers = [...Array.from({ length: 5 }, () => ''), '{"error":{"code":503,"err_code":10008}}']
  broker.subscribe('slow.subject', message => {
    sentMs.push(performance.now())
    const answer = answers[sentMs.length - 1] ?? '{"stream":"SLOW","seq":1}'
    if (answer !== '') message.respond(answer)
  })
  await broker.flush()
  const publisher = publisherOn(t, broker, { ackTimeoutMs: 50 })
  publisher.publish({ subject: 'slow.subject', data: encoder.encode('a'), id: 'a', kind: 'event' })
  t.ok(await publisher.flush(20_000))
  const [postponed, again] = sentMs.slice(-2) as [number, number]
  t.equal(sentMs.length, answers.length + 1)
  t.ok(again - postponed < NOT_NOW_MS * 2 ** 4, 'a first wait, not that of a sixth attempt')
})
