import type { ServerRecord } from '@meridian/protocol/live'
import t from 'tap'
import {
  AZIMUTH,
  answer,
  data,
  live,
  recorder,
  STATE,
  setUp,
  subscribed,
  topics,
  until
} from './scripted-client.ts'

for (const protocol of ['msgpack', 'json'] as const)
  t.test(`a subscription gets last values, is live, then gets updates (${protocol})`, async t => {
    const { server, client } = await setUp(t, {}, { protocol })
    const seen = recorder()
    client.subscribe([AZIMUTH, { pattern: STATE, quality: 'all' }], seen.handlers)
    client.connect()
    const gateway = await server.visitor(1)
    const request = await answer(gateway, 'c1', topics([1, AZIMUTH]), data(1, 5, { actual: 1.5 }))
    t.same(request.patterns, [{ pattern: AZIMUTH }, { pattern: STATE, quality: 'all' }])
    gateway.say(data(1, 6, { actual: 1.75 }), data(1, 7))
    await until(() => seen.updates.length === 3)
    t.same(seen.calls, ['snapshot 5', 'live', 'flush', 'update 6', 'update 7', 'flush'])
    t.match(seen.updates[0], {
      subject: AZIMUTH,
      parts: { class: 'tel', site: 'summit', csc: 'MTMount', index: 0, topic: 'azimuth' },
      time: 1005,
      fields: { actual: 1.5 },
      uncatalogued: false
    })
  })

t.test('a message says when it was received, also where its source has another time', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe(['tel.>'], seen.handlers)
  client.connect()
  const ahead: ServerRecord = [1, 2, 1600, {}, 1000]
  await answer(await server.visitor(1), 'c', topics([1, AZIMUTH]), data(1, 1), ahead)
  await until(() => seen.updates.length === 2)
  t.match(seen.updates, [
    { time: 1001, received: 1001 },
    { time: 1600, received: 1000 }
  ])
})

t.test('numbers keep what they are in MessagePack: NaN, infinities, and a bigint beyond 2^53', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe(['tel.>'], seen.handlers)
  client.connect()
  const fields = { nan: Number.NaN, inf: Number.NEGATIVE_INFINITY, big: 2n ** 60n, safe: 2 ** 53 - 1 }
  await answer(await server.visitor(1), 'c', topics([1, AZIMUTH]), data(1, 1, fields))
  await until(() => seen.updates.length === 1)
  t.same(seen.updates[0]?.fields, fields)
})

t.test(
  'another subscription of a topic gets its last value, those that had it do not get it again',
  async t => {
    const { server, client } = await setUp(t)
    const [a, b] = [recorder(), recorder()]
    client.subscribe([STATE], a.handlers)
    client.connect()
    const gateway = await server.visitor(1)
    await answer(gateway, 'c1', topics([1, STATE]), data(1, 3))
    client.subscribe(['evt.summit.MTMount.0.>'], b.handlers)
    await answer(gateway, 'c2', data(1, 3))
    gateway.say(data(1, 4))
    await until(() => b.updates.length === 2)
    t.same(a.calls, ['snapshot 3', 'live', 'flush', 'update 4', 'flush'])
    t.same(b.calls, ['snapshot 3', 'live', 'flush', 'update 4', 'flush'])
  }
)

t.test('keyed children come with the pattern of their topic, and say their key', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe(['evt.summit.Watcher.0.alarm'], seen.handlers)
  client.connect()
  const subject = 'evt.summit.Watcher.0.alarm.Enabled=2EATDome=3A0'
  await answer(await server.visitor(1), 'c1', topics([1, subject]), data(1, 3))
  await until(() => seen.updates.length === 1)
  t.equal(seen.updates[0]?.parts.key, 'Enabled.ATDome:0')
})

t.test(
  'gaps and resets reach the subscriptions that they concern, and numbers begin anew after a reset',
  async t => {
    const { server, client } = await setUp(t)
    const [events, telemetry] = [recorder(), recorder()]
    client.subscribe([STATE], events.handlers)
    client.subscribe([{ pattern: AZIMUTH }], telemetry.handlers)
    client.connect()
    const first = await server.visitor(1)
    await answer(first, 'c1', topics([1, STATE]), data(1, 100))
    await answer(first, 'c2', topics([2, AZIMUTH]), data(2, 50))
    first.say({ op: 'reset', stream: 'EVT' }, data(1, 3))
    await until(() => events.updates.length === 2)
    t.same(events.seqs(), [100, 3])
    first.cut()
    const second = await server.visitor(2)
    await second.next('resume')
    second.say({ op: 'resumed', streams: { EVT: { gap: { from: 4, to: 9 } } } }, subscribed(1), subscribed(2))
    second.say(topics([1, STATE], [2, AZIMUTH]), data(1, 10), data(2, 50), live(1, 'c3'), live(2, 'c3'))
    await until(() => events.updates.length === 3)
    t.same(events.outcomes, [
      { kind: 'reset', stream: 'EVT' },
      { kind: 'gap', stream: 'EVT', from: 4, to: 9 }
    ])
    t.equal(events.updates[2]?.snapshot, false, 'what is still stored is replayed around a gap')
    second.say({ op: 'gap', stream: 'EVT', from: 11, to: 12 }, data(1, 13))
    const subjects = ['evt.summit.Test.0.other']
    second.say({ op: 'gap', stream: 'EVT', from: 14, to: 14, subjects }, data(1, 15))
    await until(() => events.updates.length === 5)
    t.same(events.outcomes.slice(2), [{ kind: 'gap', stream: 'EVT', from: 11, to: 12 }], 'also while live')
    t.same(telemetry.outcomes, [])
  }
)

t.test(
  'a last value with a lower number and a later time is news: its stream was made anew unseen',
  async t => {
    const { server, client } = await setUp(t)
    const seen = recorder()
    client.subscribe([AZIMUTH], seen.handlers)
    client.connect()
    const first = await server.visitor(1)
    await answer(first, 'c1', topics([1, AZIMUTH]), [1, 500, 100, {}])
    await until(() => seen.calls.includes('live'))
    first.cut()
    const second = await server.visitor(2)
    await second.next('resume')
    second.say(
      { op: 'resumed', streams: {} },
      subscribed(1),
      topics([1, AZIMUTH]),
      [1, 2, 101, {}],
      live(1, 'c')
    )
    second.say([1, 3, 102, {}])
    await until(() => seen.updates.length === 3)
    t.same(seen.seqs(), [500, 2, 3])
  }
)

t.test('a cursor that the gateway cannot read ends in a new subscription and is told', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1', topics([1, STATE]), data(1, 5))
  await until(() => seen.calls.includes('live'))
  first.cut()
  const second = await server.visitor(2)
  await second.next('resume')
  const error = { code: 'GTW_BAD_CURSOR', message: 'cursor is not one of ours', canRetry: false }
  second.say({ op: 'error', error })
  await answer(second, 'c9', topics([1, STATE]), data(1, 2))
  await until(() => seen.updates.length === 2)
  t.same(seen.outcomes, [{ kind: 'snapshot', stream: '*' }])
})

t.test(
  'a refusal that names no question is answered with a new connection while questions are open',
  async t => {
    const { server, client } = await setUp(t)
    client.subscribe([STATE], recorder().handlers)
    client.connect()
    const first = await server.visitor(1)
    await first.next('subscribe')
    first.say({ op: 'error', error: { code: 'GTW_TOO_FAST', message: 'too fast', canRetry: true } })
    t.equal((await (await server.visitor(2)).next('subscribe')).id, 1)
  }
)

t.test('refused patterns and refused subscriptions are told to the one who asked', async t => {
  const { server, client } = await setUp(t)
  const [a, b] = [recorder(), recorder()]
  const error = { code: 'AUT_NOT_READABLE', message: 'no', canRetry: false }
  client.subscribe(['evt.>', STATE], a.handlers)
  client.connect()
  const gateway = await server.visitor(1)
  const { id } = await gateway.next('subscribe')
  gateway.say({ op: 'subscribed', id, topics: 0, refused: [{ pattern: 'evt.>', error }] }, live(id, 'c'))
  client.subscribe(['tel.>'], b.handlers)
  gateway.say({ op: 'error', id: (await gateway.next('subscribe')).id, error })
  await until(() => b.calls.length === 1)
  t.same([a.calls, b.calls], [['refused evt.>', 'live'], ['refused tel.>']])
})

t.test('a closed subscription is ended at the gateway and hears nothing more', async t => {
  const { server, client } = await setUp(t)
  const [a, b] = [recorder(), recorder()]
  const subscription = client.subscribe([STATE], a.handlers)
  client.subscribe([STATE], b.handlers)
  client.connect()
  const gateway = await server.visitor(1)
  await answer(gateway, 'c1', topics([1, STATE]))
  await answer(gateway, 'c2')
  await until(() => b.calls.includes('live'))
  subscription.close()
  t.equal((await gateway.next('unsubscribe')).id, 1)
  gateway.say(data(1, 1))
  await until(() => b.updates.length === 1)
  t.equal(a.updates.length, 0)
})

t.test('a subscription closed in the middle of its last values keeps nothing from the others', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const short = client.subscribe([STATE], { onData: () => short.close() })
  client.subscribe([AZIMUTH], seen.handlers)
  client.connect()
  const gateway = await server.visitor(1)
  await answer(gateway, 'c1', topics([1, STATE], [2, AZIMUTH]), data(1, 1), data(1, 2))
  await answer(gateway, 'c2')
  gateway.say(data(2, 3))
  await until(() => seen.updates.length === 1)
  gateway.cut()
  t.same((await (await server.visitor(2)).next('resume')).subscriptions.length, 1)
})
