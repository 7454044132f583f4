import type { ServerRecord, SubscriptionRequest } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  type ClientOptions,
  type ClientStatus,
  createClient,
  type Outcome,
  type Update
} from '../src/index.ts'
import { type ScriptOptions, startScriptedServer, TAI_NOW, type Visitor } from './scripted-server.ts'

const QUICK = { backoff: { baseMs: 1, capMs: 5 }, pingMs: 10_000 } as const
const AZIMUTH = 'tel.summit.MTMount.0.azimuth'
const STATE = 'evt.summit.MTMount.0.summaryState'

async function setUp(t: Test, script: ScriptOptions = {}, options: Partial<ClientOptions> = {}) {
  const server = await startScriptedServer(script)
  t.teardown(() => server.stop())
  const client = createClient({ url: server.url, ...QUICK, ...options })
  t.teardown(() => client.close())
  return { server, client }
}

const until = (predicate: () => boolean): Promise<unknown> =>
  waitFor(predicate, { what: String(predicate), timeoutMs: 15_000, everyMs: 2 })

/** A recording subscription. */
function recorder() {
  const updates: Update[] = []
  const outcomes: Outcome[] = []
  const calls: string[] = []
  return {
    updates,
    outcomes,
    calls,
    seqs: () => updates.map(({ seq }) => seq),
    handlers: {
      onData(update: Update) {
        updates.push(update)
        calls.push(`${update.snapshot ? 'snapshot' : 'update'} ${update.seq}`)
      },
      onLive: () => void calls.push('live'),
      onOutcome: (outcome: Outcome) => void outcomes.push(outcome),
      onFlush: () => void calls.push('flush'),
      onRefused: (refused: readonly { pattern: string }[]) =>
        void calls.push(`refused ${refused[0]?.pattern}`)
    }
  }
}

const topics = (...list: [number, string][]): ServerRecord => ({ op: 'topics', topics: list })
const data = (topic: number, seq: number, fields: Record<string, unknown> = {}): ServerRecord => [
  topic,
  seq,
  1000 + seq,
  fields
]
const subscribed = (id: number): ServerRecord => ({ op: 'subscribed', id, topics: 1, refused: [] })
const live = (id: number, cursor: string): ServerRecord => ({ op: 'live', id, cursor })

/** Answers the next `subscribe` with these last values. */
async function answer(
  visitor: Visitor,
  cursor: string,
  ...values: ServerRecord[]
): Promise<SubscriptionRequest> {
  const request = await visitor.next('subscribe')
  visitor.say(subscribed(request.id), ...values, live(request.id, cursor))
  return request
}

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

t.test('after a cut connection `all` misses nothing and repeats nothing', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1', topics([1, STATE]), data(1, 10))
  first.say(data(1, 11), { op: 'cursor', cursor: 'c11' }, data(1, 12))
  await until(() => seen.updates.length === 3)
  first.cut()
  const second = await server.visitor(2)
  const resume = await second.next('resume')
  t.equal(resume.cursor, 'c11', 'the newest cursor')
  second.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), topics([7, STATE]))
  second.say(data(7, 12), data(7, 13), live(1, 'c13'), data(7, 14))
  await until(() => seen.updates.length === 5)
  t.same(seen.seqs(), [10, 11, 12, 13, 14])
  t.equal(seen.updates[3]?.snapshot, false, 'what was missed is no last value')
  t.same(seen.outcomes, [{ kind: 'resumed', stream: 'EVT' }])
})

t.test('a cursor counts only when everything resumed is live again', async t => {
  const { server, client } = await setUp(t)
  const [a, b] = [recorder(), recorder()]
  client.subscribe([STATE], a.handlers)
  client.subscribe(['evt.summit.MTDome.0.>'], b.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await answer(first, 'c2')
  await until(() => b.calls.includes('live'))
  first.cut()
  const second = await server.visitor(2)
  await second.next('resume')
  second.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), subscribed(2), live(1, 'c9'))
  await until(() => a.calls.filter(call => call === 'live').length === 2)
  second.cut()
  const third = await server.visitor(3)
  t.equal((await third.next('resume')).cursor, 'c2')
})

t.test('a subscription that never was live is asked for anew, not resumed', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const known = recorder()
  client.subscribe([STATE], known.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await until(() => known.calls.includes('live'))
  client.subscribe([AZIMUTH], seen.handlers)
  await first.next('subscribe')
  first.cut()
  const second = await server.visitor(2)
  t.same((await second.next('resume')).subscriptions, [{ id: 1, patterns: [{ pattern: STATE }] }])
  t.same((await second.next('subscribe')).patterns, [{ pattern: AZIMUTH }])
})

t.test('a changed subscription resumes as it last was live, then changes', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const subscription = client.subscribe([STATE], seen.handlers)
  client.connect()
  const first = await server.visitor(1)
  await answer(first, 'c1')
  await until(() => seen.calls.includes('live'))
  subscription.update([STATE, AZIMUTH])
  await first.next('subscribe')
  first.cut()
  const second = await server.visitor(2)
  t.same((await second.next('resume')).subscriptions, [{ id: 1, patterns: [{ pattern: STATE }] }])
  t.same((await second.next('subscribe')).patterns, [{ pattern: STATE }, { pattern: AZIMUTH }])
})

t.test(
  'a hint makes a second connection first, and ends the old one when nothing is missing on the new',
  async t => {
    const { server, client } = await setUp(t)
    const seen = recorder()
    const states: string[] = []
    client.onStatus(({ state }) => states.push(state))
    client.subscribe([STATE], seen.handlers)
    client.connect()
    const old = await server.visitor(1)
    await answer(old, 'c1', topics([1, STATE]), data(1, 1))
    await until(() => seen.calls.includes('live'))
    states.length = 0
    old.say({ op: 'reconnect', reason: 'drain', afterMs: 5, deadlineMs: 5000 })
    const next = await server.visitor(2)
    await next.next('resume')
    old.say(data(1, 2), data(1, 3))
    await until(() => seen.updates.length === 3)
    next.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), topics([4, STATE]))
    next.say(data(4, 2), data(4, 3), data(4, 4), live(1, 'c4'))
    t.equal(await old.closed, 1000)
    next.say(data(4, 5))
    await until(() => seen.updates.length === 5)
    t.same(seen.seqs(), [1, 2, 3, 4, 5])
    t.equal(client.status().gateway, 'gw-2')
    t.same([...new Set(states)], ['live'], 'a page never sees the move')
  }
)

t.test('a move whose second connection fails is tried again while the old one works', async t => {
  const { server, client } = await setUp(t, { refuse: number => number === 2 || number === 3 })
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const old = await server.visitor(1)
  await answer(old, 'c1', topics([1, STATE]), data(1, 1))
  old.say({ op: 'reconnect', reason: 'drain', afterMs: 0, deadlineMs: 5000 })
  const next = await server.visitor(4)
  await next.next('resume')
  t.equal(client.status().state, 'live')
  old.close(1012, 'deadline')
  await old.closed
  next.say({ op: 'resumed', streams: { EVT: 'resumed' } }, subscribed(1), live(1, 'c2'))
  await until(() => client.status().gateway === 'gw-4')
  t.equal(server.visitors(), 4)
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
  const error = { code: 'GTW_NOT_READABLE', message: 'no', canRetry: false }
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

t.test('close codes of the table that are final end the client, with the reason', async t => {
  for (const code of [1002, 1009, 4403]) {
    const { server, client } = await setUp(t)
    client.connect()
    const gateway = await server.visitor(1)
    gateway.close(code, 'because')
    await until(() => client.status().state === 'closed')
    t.match(client.status().error, { code: 'SDK_REFUSED', facts: { close: code, reason: 'because' } })
  }
})

t.test('every other end is followed by another attempt, at each stage', async t => {
  const { server, client } = await setUp(t, { greet: false, refuse: number => number <= 2 })
  client.connect()
  for (const [number, code] of [
    [3, 1012],
    [4, 1013],
    [5, 1011]
  ] as const) {
    const gateway = await server.visitor(number)
    gateway.close(code)
    await gateway.closed
  }
  ;(await server.visitor(6)).cut()
  const seventh = await server.visitor(7)
  seventh.say({
    op: 'welcome',
    protocol: 1,
    gateway: 'g',
    site: 's',
    principal: 'p',
    time: 1,
    broker: 'lost'
  })
  await until(() => client.status().state === 'live')
  t.match(client.status(), {
    gateway: 'g',
    site: 's',
    principal: 'p',
    broker: 'lost'
  } satisfies Partial<ClientStatus>)
})

t.test('a frame that cannot be read ends the connection, and the next one resumes', async t => {
  const garbage: readonly (string | Uint8Array)[] = [
    'text',
    '[]',
    new Uint8Array([0xc1]),
    new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]),
    new Uint8Array(2000).fill(0x91),
    new Uint8Array([0x92, 0x01, 0x02]),
    new Uint8Array([0x81, 0xa1, 0x61, 0x01]),
    new Uint8Array([0x91, 0x94, 0x63, 0x01, 0x02, 0x80])
  ]
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  await answer(await server.visitor(1), 'c1')
  await until(() => seen.calls.includes('live'))
  for (const [i, bytes] of garbage.entries()) {
    const gateway = await server.visitor(i + 1)
    if (i > 0) await gateway.next('resume')
    await until(() => client.status().state === 'live')
    gateway.sayRaw(bytes)
    t.equal(await gateway.closed, 4002)
  }
  t.equal((await (await server.visitor(garbage.length + 1)).next('resume')).cursor, 'c1')
})

t.test('an unknown op is passed over', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const gateway = await server.visitor(1)
  gateway.say({ op: 'fireworks', colour: 'red' } as never)
  await answer(gateway, 'c1', topics([1, STATE]), { op: 'sparkle' } as never, data(1, 1))
  await until(() => seen.updates.length === 1)
  t.equal(server.visitors(), 1)
})

t.test('a gateway that falls silent with its socket open is left for another', async t => {
  const { server, client } = await setUp(t, {}, { pingMs: 400 })
  client.connect()
  const first = await server.visitor(1)
  await until(() => client.status().roundTripMs !== undefined)
  first.freeze()
  const second = await server.visitor(2)
  await second.next('ping')
  t.equal(client.status().state, 'live')
})

t.test('the status knows the clock, the broker and when something was last heard', async t => {
  const { server, client } = await setUp(t, {}, {})
  client.connect()
  const gateway = await server.visitor(1)
  await until(() => client.status().roundTripMs !== undefined)
  t.ok(Math.abs(client.status().clockOffsetMs ?? 1e9) < 10_000)
  gateway.say({ op: 'broker', broker: 'lost', time: TAI_NOW() })
  await until(() => client.status().broker === 'lost')
  t.ok(Date.now() - (client.status().lastMessageMs ?? 0) < 10_000)
  client.close()
  t.match(client.status(), { state: 'closed', broker: 'unknown' })
})

t.test(
  'the status says what the gateway holds back, until it says otherwise or the connection ends',
  async t => {
    const { server, client } = await setUp(t)
    const told: string[] = []
    client.onStatus(({ degraded }) => told.push(degraded))
    client.connect()
    const first = await server.visitor(1)
    await until(() => client.status().state === 'live')
    t.equal(client.status().degraded, 'none')
    first.say({ op: 'degraded', step: 'slower' }, { op: 'degraded', step: 'latest' })
    await until(() => told.includes('latest'))
    t.ok(told.includes('slower'), 'each step')
    first.say({ op: 'degraded', step: 'none' })
    await until(() => client.status().degraded === 'none')
    first.say({ op: 'degraded', step: 'paused' })
    await until(() => client.status().degraded === 'paused')
    first.cut()
    await server.visitor(2)
    await until(() => client.status().state === 'live')
    t.equal(client.status().degraded, 'none', 'a new connection has everything')
  }
)

t.test('a throwing handler surfaces and disturbs nobody', async t => {
  const { server, client } = await setUp(t)
  const seen = recorder()
  const surfaced: unknown[] = []
  const scope = globalThis as { reportError?: (error: unknown) => void }
  scope.reportError = error => surfaced.push(error)
  t.teardown(() => delete scope.reportError)
  const fault = new Error('of the page')
  client.subscribe([STATE], {
    onData() {
      throw fault
    }
  })
  client.subscribe([STATE], seen.handlers)
  client.connect()
  const gateway = await server.visitor(1)
  await answer(gateway, 'c1', topics([1, STATE]), data(1, 1))
  await answer(gateway, 'c2', data(1, 1))
  await until(() => seen.updates.length === 1)
  t.same(surfaced, [fault])
})

t.test('an address that is none throws at once, with its code', async t => {
  t.throws(() => createClient({ url: 'not an address' }), { code: 'SDK_BAD_URL' })
  t.throws(() => createClient({ url: 'ftp://host/live' }), { code: 'SDK_BAD_URL' })
})
