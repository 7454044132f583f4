import t from 'tap'
import { type ClientStatus, createClient } from '../src/index.ts'
import { answer, data, recorder, STATE, setUp, topics, until } from './scripted-client.ts'
import { TAI_NOW } from './scripted-server.ts'

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
