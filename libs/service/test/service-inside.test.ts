import { connectBroker, createNkey } from '@meridian/broker'
import { decodeSample } from '@meridian/sample'
import { createTestLog, freePort, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { Type } from 'typebox'
import {
  beatSettings,
  commonSettings,
  createService,
  httpDoor,
  parseConfig,
  processBeat,
  type ServicePart
} from '../src/index.ts'

// Services that run in the process of the test; those of processes of their own: service.test.ts.
const spec = { service: 'inside', summary: 'runs in the test', settings: Type.Object(commonSettings) }

t.test('a right that is missing is told by the probe, and the process serves once it is given', async t => {
  const key = createNkey()
  const users = (publish: string): string =>
    `authorization { users: [{ nkey: ${key.publicKey}, permissions { publish: [${publish}, "x.>"] } }] }`
  const nkeyFile = `${t.testdir({ seed: key.seed })}/seed`
  const rights = ['$JS.API.STREAM.INFO.TEL', '$JS.API.STREAM.CREATE.TEL'].map(right => JSON.stringify(right))
  const nats = await startNats({ config: users('"y"') })
  t.teardown(() => nats.stop())
  const log = createTestLog()
  const config = parseConfig(spec, { NATS_URL: nats.url, NATS_NKEY_FILE: nkeyFile })
  const service = createService({
    ...{ name: 'inside', description: 'runs in the test', config, log, streams: ['TEL'], parts: () => [] }
  })
  t.teardown(() => service.stop())
  const started = service.start()
  const why = 'waiting for stream TEL: broker does not permit this (BRK_NOT_PERMITTED)'
  await waitFor(() => JSON.stringify(service.readiness()).includes(why), { what: 'told why' })
  const metrics = await (await fetch(`${service.address()}/metrics`)).text()
  t.match(metrics, /refusals_total\{what="publish",service="inside"\} [1-9]/)

  await nats.reload(users(rights.join(', ')))
  const admin = await connectBroker({ servers: nats.url, name: 'test', log, nkeyFile })
  t.teardown(() => admin.drain())
  const subjects = JSON.stringify({ name: 'TEL', subjects: ['tel.>'], storage: 'memory' })
  await admin.request('$JS.API.STREAM.CREATE.TEL', subjects, { timeoutMs: 5_000 })
  await started
  t.same(service.readiness(), { ready: true })
})

t.test('the door listens from the first moment, opens last and closes first', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const log = createTestLog()
  let startSlow = (): void => {}
  let answerSlow = (): void => {}
  let hasEntered = false
  const slow: ServicePart = {
    name: 'the slow one',
    start: () => new Promise<void>(resolve => (startSlow = resolve)),
    stop: () => undefined
  }
  const door = httpDoor(app => {
    app.get('/hello', async () => 'hello')
    app.get('/slow', () => {
      hasEntered = true
      return new Promise(resolve => (answerSlow = () => resolve('at last')))
    })
  })
  const config = parseConfig(spec, { NATS_URL: nats.url, DRAIN_MS: '5000' })
  const parts = (): ServicePart[] => [slow, door]
  const service = createService({ name: 'inside', description: 'test', config, log, parts })
  const started = service.start()
  t.teardown(() => service.stop())
  const get = async (path: string): Promise<{ status: number; retry: string | null; body: string }> => {
    const response = await fetch(`${service.address()}${path}`)
    return {
      status: response.status,
      retry: response.headers.get('retry-after'),
      body: await response.text()
    }
  }
  await waitFor(() => !service.readiness().ready && JSON.stringify(service.readiness()).includes('slow'), {
    what: 'the slow part'
  })
  t.match(await get('/hello'), { status: 503, retry: '1', body: /NET_NOT_READY/ })
  t.match(await get('/readyz'), { status: 503, body: /waiting for the slow one/ })
  t.match(await get('/livez'), { status: 200 })
  startSlow()
  await started
  t.match(await get('/hello'), { status: 200, body: 'hello' })
  t.match(await get('/nowhere'), { status: 404, body: /NET_NO_ROUTE/ })

  const answer = get('/slow')
  await waitFor(() => hasEntered, { what: 'the slow request' })
  const stopped = service.stop()
  t.same(service.readiness(), { ready: false, why: 'stopping' })
  answerSlow()
  t.match(await answer, { status: 200, body: 'at last' }, 'who was let in gets an answer')
  await stopped
  t.equal(service.stop(), stopped, 'stop may be called twice')
  await t.rejects(get('/livez'), 'and nothing listens any more')
})

t.test('a process that beats does so as a component, from its start to its stop', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const beats = {
    service: 'door',
    summary: 'beats',
    settings: Type.Object({ ...commonSettings, ...beatSettings })
  }
  const config = parseConfig(beats, { NATS_URL: nats.url, PROCESS_INDEX: '3', NAME: 'door-a' })
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const heard: Uint8Array[] = []
  broker.subscribe('hb.summit.Gateway.3', ({ data }) => heard.push(data.slice()))
  await broker.flush()
  const service = createService({
    name: 'door',
    description: 'test',
    config,
    log: createTestLog(),
    parts: () => [processBeat('Gateway', config)]
  })
  t.teardown(() => service.stop())
  await service.start()
  await waitFor(() => heard.length >= 2, { what: 'two beats' })
  const [first, second] = heard.map(data => decodeSample(data))
  t.match(first, { identity: 'door-a', seqNum: 1, origin: process.pid, uncatalogued: true })
  t.ok((second?.sndStamp ?? 0) - (first?.sndStamp ?? 0) > 0.9, 'one a second')
  await service.stop()
  const count = heard.length
  await broker.flush()
  t.equal(heard.length, count)
})

t.test('what is wrong with a file or a setting ends the start before the broker is awaited', async t => {
  const config = parseConfig(spec, { NATS_URL: `nats://127.0.0.1:${await freePort()}` })
  const service = createService({
    name: 'inside',
    description: 'test',
    config,
    log: createTestLog(),
    parts() {
      throw new Error('no such file')
    }
  })
  await t.rejects(service.start(), { message: 'no such file' })
  await service.stop()
})
