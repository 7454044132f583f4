import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createTestLog, freePort, startNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { type Broker, connectBroker, startServiceResponder } from '../src/index.ts'

const run = promisify(execFile)

async function setUp(t: Test, config = '') {
  const nats = await startNats({ config })
  t.teardown(() => nats.stop())
  const log = createTestLog()
  const broker = await connectBroker({ servers: nats.url, name: 'test', log })
  t.teardown(() => broker.drain())
  return { nats, broker, log }
}

t.test('a broker that is not there is an error that names the address, after the given time', async t => {
  const port = await freePort()
  const connecting = connectBroker({
    servers: `127.0.0.1:${port}`,
    name: 'test',
    log: createTestLog(),
    connectTimeoutMs: 400
  })
  await t.rejects(connecting, { code: 'BRK_UNAVAILABLE', message: new RegExp(String(port)) })
})

t.test('a broker that comes up while the first connection is tried is taken', async t => {
  const port = await freePort()
  const connecting = connectBroker({ servers: `127.0.0.1:${port}`, name: 'test', log: createTestLog() })
  const nats = await startNats({ port })
  t.teardown(() => nats.stop())
  const broker = await connecting
  t.teardown(() => broker.drain())
  t.equal(broker.state(), 'connected')
  t.match(broker.serverVersion, /^\d+\.\d+\.\d+/)
})

t.test('requests carry headers both ways, and fail by code', async t => {
  const { broker } = await setUp(t)
  broker.subscribe('echo', message => message.respond(message.data, { was: message.headers()['ct'] ?? '' }))
  const answer = await broker.request('echo', 'hello', { timeoutMs: 1000, headers: { ct: 'text' } })
  t.equal(answer.text(), 'hello')
  t.same(answer.headers(), { was: 'text' })
  await t.rejects(broker.request('nobody', '', { timeoutMs: 1000 }), { code: 'BRK_NO_RESPONDERS' })
  broker.subscribe('mute', () => {})
  await t.rejects(broker.request('mute', '', { timeoutMs: 50 }), { code: 'BRK_TIMEOUT' })
})

t.test('each answer goes to its own request, and one that comes too late to none', async t => {
  const { broker } = await setUp(t)
  const held: (() => void)[] = []
  broker.subscribe('later', message => {
    held.push(() => message.respond(message.data))
  })
  const late = broker.request('later', 'late', { timeoutMs: 50 })
  await t.rejects(late, { code: 'BRK_TIMEOUT' })
  const both = ['a', 'b'].map(text => broker.request('later', text, { timeoutMs: 10_000 }))
  await waitFor(() => held.length === 3, { what: 'all are asked' })
  for (const answer of held.reverse()) answer()
  t.same(
    (await Promise.all(both)).map(answer => answer.text()),
    ['a', 'b']
  )
})

t.test('a request fails at once when the connection is lost, before or while it waits', async t => {
  const { nats, broker } = await setUp(t)
  broker.subscribe('mute', () => {})
  await broker.flush()
  const waiting = broker.request('mute', '', { timeoutMs: 30_000 })
  await Promise.all([t.rejects(waiting, { code: 'BRK_UNAVAILABLE' }), nats.kill9()])
  await t.rejects(broker.request('mute', '', { timeoutMs: 30_000 }), { code: 'BRK_UNAVAILABLE' })
})

t.test('a request that is not permitted says so at once', async t => {
  const user = '{ user: any, password: any, permissions: { publish: { deny: ["secret.>"] } } }'
  const { broker } = await setUp(t, `authorization { users: [ ${user} ] }\nno_auth_user: any`)
  await t.rejects(broker.request('secret.a', '', { timeoutMs: 5000 }), { code: 'BRK_NOT_PERMITTED' })
})

t.test('without the right to hear answers every request says so at once', async t => {
  const user = '{ user: any, password: any, permissions: { subscribe: { deny: ["_INBOX.>"] } } }'
  const { broker } = await setUp(t, `authorization { users: [ ${user} ] }\nno_auth_user: any`)
  broker.subscribe('mute', () => {})
  for (let i = 0; i < 2; i++)
    await t.rejects(broker.request('mute', '', { timeoutMs: 10_000 }), { code: 'BRK_NOT_PERMITTED' })
})

t.test('a callback that throws ends neither its subscription nor any other', async t => {
  const { broker, log } = await setUp(t)
  const seen: string[] = []
  broker.subscribe('a', message => {
    seen.push(message.text())
    throw new Error('bad')
  })
  broker.subscribe('b', message => seen.push(message.text()))
  broker.publish('a', '1')
  broker.publish('a', '2')
  broker.publish('b', '3')
  await waitFor(() => seen.length === 3, { what: 'all arrived' })
  t.equal(broker.stats().callbackErrors, 2)
  const failures = log.records.filter(record => record.msg === 'subscription callback failed')
  t.equal(failures.length, 1, 'logged rarely, however many there are')
})

t.test('members of a queue share the messages', async t => {
  const { broker } = await setUp(t)
  const served: number[] = []
  for (const member of [0, 1]) broker.subscribe('work', () => void served.push(member), { queue: 'q' })
  for (let n = 0; n < 100; n++) broker.publish('work', '')
  await waitFor(() => served.length === 100, { what: 'all are done' })
  t.same(new Set(served), new Set([0, 1]))
})

t.test('the state follows the connection, which comes back with its subscriptions', async t => {
  const { nats, broker } = await setUp(t)
  const states: string[] = []
  const off = broker.onState(state => states.push(state))
  const seen: string[] = []
  broker.subscribe('a', message => seen.push(message.text()))
  await nats.kill9()
  await waitFor(() => broker.state() === 'disconnected', { what: 'lost' })
  await nats.restart()
  await waitFor(() => broker.state() === 'connected', { what: 'regained' })
  broker.publish('a', 'again')
  await waitFor(() => seen.length === 1, { what: 'the subscription works' })
  off()
  await broker.drain()
  await broker.drain()
  t.same(states, ['disconnected', 'connected'])
  t.equal(broker.state(), 'closed')
  t.equal(broker.stats().reconnects, 1)
})

t.test('a server in lame duck mode is left before it stops', async t => {
  const { nats, broker } = await setUp(t, 'lame_duck_grace_period: "1s"\nlame_duck_duration: "30s"')
  nats.signal('SIGUSR2')
  await waitFor(() => broker.state() === 'disconnected', { what: 'the server is left', timeoutMs: 8_000 })
})

t.test('what has ended already is drained at once, whatever ended it', async t => {
  const { broker } = await setUp(t)
  const responder = respondOn(broker)
  const [unsubscribed, drained, open] = ['a', 'b', 'c'].map(subject => broker.subscribe(subject, () => {}))
  unsubscribed?.unsubscribe()
  await drained?.drain()
  for (const subscription of [unsubscribed, drained]) await subscription?.drain()
  const ending = broker.drain()
  await Promise.all([ending, responder.stop(), open?.drain()])
  await Promise.all([responder.stop(), open?.drain()])
  t.equal(broker.state(), 'closed')
})

t.test('drain works while the broker is away', async t => {
  const { nats, broker } = await setUp(t)
  await nats.kill9()
  await waitFor(() => broker.state() === 'disconnected', { what: 'lost' })
  await broker.drain()
  t.equal(broker.state(), 'closed')
})

t.test('a service is found by ping, info and stats, by all, by name and by id', async t => {
  const { broker } = await setUp(t)
  const responder = respondOn(broker)
  const ask = async (subject: string) =>
    JSON.parse((await broker.request(subject, '', { timeoutMs: 1000 })).text())
  const identity = { name: 'gateway', id: responder.id, version: '1.2.3', metadata: { site: 'summit' } }
  for (const whom of ['', '.gateway', `.gateway.${responder.id}`])
    t.match(await ask(`$SRV.PING${whom}`), { type: 'io.nats.micro.v1.ping_response', ...identity })
  t.match(await ask('$SRV.INFO'), {
    type: 'io.nats.micro.v1.info_response',
    ...identity,
    description: 'live door',
    endpoints: [{ name: 'live', subject: 'live.x', queue_group: 'q', metadata: {} }]
  })
  t.match(await ask('$SRV.STATS.gateway'), {
    type: 'io.nats.micro.v1.stats_response',
    endpoints: [
      {
        num_requests: 4,
        num_errors: 1,
        last_error: 'bad',
        processing_time: 8e6,
        average_processing_time: 2e6
      }
    ]
  })
  await responder.stop()
  await t.rejects(ask('$SRV.PING'), { code: 'BRK_NO_RESPONDERS' })
})

const natsTool = process.env['NATS_CLI'] ?? 'nats'
const hasTool = await run(natsTool, ['--version']).then(
  () => true,
  () => false
)

t.test(
  'the nats tool lists the service and shows its information and counts',
  { skip: hasTool ? false : 'no nats tool: set NATS_CLI' },
  async t => {
    const { nats, broker } = await setUp(t)
    respondOn(broker)
    const nats1 = async (...args: string[]) =>
      (await run(natsTool, ['--server', nats.url, 'micro', ...args])).stdout
    t.match(await nats1('ls'), /gateway.*1\.2\.3/)
    t.match(await nats1('info', 'gateway'), /live door/)
    t.match(await nats1('stats', 'gateway'), /4/)
  }
)

function respondOn(broker: Broker) {
  return startServiceResponder(broker, {
    name: 'gateway',
    version: '1.2.3',
    description: 'live door',
    metadata: { site: 'summit' },
    endpoints: () => [
      {
        name: 'live',
        subject: 'live.x',
        queueGroup: 'q',
        stats: () => ({ requests: 4, errors: 1, lastError: 'bad', processingMs: 8 })
      }
    ]
  })
}
