import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connectBroker, createNkey, type Nkey } from '@meridian/broker'
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
  type ServicePart,
  VERSION
} from '../src/index.ts'
import { bundleScripts } from './bundle-scripts.ts'
import { startScript } from './service-process.ts'

const bundles = await bundleScripts(t, ['echo', 'ordered'])
const echoScript = new URL('echo.js', bundles)
const orderedScript = new URL('ordered.js', bundles)

const spec = { service: 'inside', summary: 'runs in the test', settings: Type.Object(commonSettings) }
const orderOf = (output: string): string[] => output.match(/^(start|stop) (one|two|three)$/gm) ?? []

t.test('a whole service costs under 40 lines', async t => {
  const text = readFileSync(new URL('echo.ts', import.meta.url), 'utf8')
  t.ok(text.trimEnd().split('\n').length < 40)
})

t.test(
  'started before its broker it lives, says what it awaits, and serves once the broker is there',
  async t => {
    const port = await freePort()
    const url = `nats://127.0.0.1:${port}`
    const echo = await startScript(echoScript, {
      NATS_URL: url,
      SUBJECT: 'say',
      NAME: 'echo-1',
      REVISION: 'abc1'
    })
    await echo.until('http server listens')
    t.same(JSON.parse((await echo.get('/version'))?.body ?? ''), {
      version: VERSION,
      revision: 'abc1',
      node: process.version
    })
    t.match(await echo.get('/livez'), { status: 200 })
    const waiting = { status: 503, body: '{"ready":false,"why":"waiting for the broker"}' }
    t.same(await echo.get('/readyz'), waiting)
    t.same(await echo.get('/startupz'), waiting)

    const nats = await startNats({ port })
    t.teardown(() => nats.stop())
    await waitFor(async () => (await echo.get('/readyz'))?.status === 200, {
      what: 'ready',
      timeoutMs: 30_000
    })
    t.match(await echo.get('/startupz'), { status: 200 })
    const broker = await connectBroker({ servers: url, name: 'test', log: createTestLog() })
    t.teardown(() => broker.drain())
    t.equal((await broker.request('say', 'hello', { timeoutMs: 5_000 })).text(), 'hello')
    const info = await broker.request('$SRV.INFO.echo', '', { timeoutMs: 5_000 })
    t.match(JSON.parse(info.text()), {
      name: 'echo',
      description: 'answers what it is asked',
      metadata: { site: 'summit', process: 'echo-1' },
      endpoints: [{ name: 'echo', subject: 'say' }]
    })
    t.match((await echo.get('/metrics'))?.body, 'meridian_broker_connected{service="echo"} 1')

    await nats.kill9()
    await waitFor(async () => (await echo.get('/readyz'))?.status === 503, { what: 'not ready' })
    t.match(await echo.get('/readyz'), { body: /waiting for the broker to come back/ })
    t.match(await echo.get('/startupz'), { status: 200 }, 'it has started once')
    t.match(await echo.get('/livez'), { status: 200 })
    await nats.restart()
    await waitFor(async () => (await echo.get('/readyz'))?.status === 200, { what: 'ready again' })
    echo.child.kill('SIGTERM')
    t.equal(await echo.gone, 0)
  }
)

t.test('an address that is none of a broker ends it with 1 and one sentence, as its last line', async t => {
  const refused = async (url: string, why: string): Promise<void> => {
    const echo = await startScript(echoScript, { NATS_URL: url, SUBJECT: 'say' })
    t.equal(await echo.gone, 1)
    const last = JSON.parse(echo.output().trimEnd().split('\n').at(-1) ?? '')
    t.match(last, { level: 60, err: { code: 'CFG_INVALID' } }, url)
    t.ok(last.err.message.includes(`broker address '${url}' ${why}`), last.err.message)
  }
  await Promise.all([
    refused('nats://[bad', 'is malformed'),
    refused('nats://127.0.0.1:99999', 'has a port above 65535'),
    refused('http://127.0.0.1:4222', 'begins with http://')
  ])
})

t.test('a setting that is wrong ends it with 1 and one line that names it', async t => {
  const { status, stderr } = spawnSync(process.execPath, [echoScript.pathname], {
    env: { PATH: process.env['PATH'], PORT: 'abc', SUBJECT: 'say' },
    encoding: 'utf8'
  })
  t.equal(status, 1)
  t.match(stderr, /^\S+: [^\n]*PORT must be integer\n$/)
})

t.test('a broker that does not know its key is waited for, and both probe and metrics say why', async t => {
  const [key, stranger] = [createNkey(), createNkey()]
  const users = (...keys: Nkey[]): string =>
    `authorization { users: [${keys.map(({ publicKey }) => `{ nkey: ${publicKey} }`).join(', ')}] }`
  const nats = await startNats({ config: users(stranger) })
  t.teardown(() => nats.stop())
  const NATS_NKEY_FILE = `${t.testdir({ seed: key.seed })}/seed`
  const echo = await startScript(echoScript, { NATS_URL: nats.url, SUBJECT: 'say', NATS_NKEY_FILE })
  await echo.until('waiting for the broker')
  const why = 'waiting for the broker: broker does not know the key of this process (BRK_WRONG_KEY)'
  t.same(await echo.get('/readyz'), { status: 503, body: JSON.stringify({ ready: false, why }) })
  t.match((await echo.get('/metrics'))?.body, /refusals_total\{what="key",service="echo"\} [1-9]/)

  await nats.reload(users(key, stranger))
  await waitFor(async () => (await echo.get('/readyz'))?.status === 200, { what: 'ready', timeoutMs: 30_000 })
  await nats.reload(users(stranger))
  const later = 'waiting for the broker to come back: broker does not know'
  await waitFor(async () => (await echo.get('/readyz'))?.body.includes(later), { what: 'told why' })
  await nats.reload(users(key))
  await waitFor(async () => (await echo.get('/readyz'))?.status === 200, { what: 'back', timeoutMs: 30_000 })
  t.notMatch(echo.output(), key.seed)
  echo.child.kill('SIGTERM')
  t.equal(await echo.gone, 0)
})

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

t.test('told to stop while it waits for the broker it ends at once', async t => {
  const echo = await startScript(echoScript, { NATS_URL: `nats://127.0.0.1:${await freePort()}` })
  await echo.until('http server listens')
  echo.child.kill('SIGTERM')
  t.equal(await echo.gone, 0)
  t.notOk(echo.output().includes('"ready"'))
})

t.test('parts start in order and stop in the reverse order', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const settings = { NATS_URL: nats.url }

  await t.test('the first signal drains and exits 0', async t => {
    const service = await startScript(orderedScript, settings)
    await service.until('"ready"')
    service.child.kill('SIGTERM')
    t.equal(await service.gone, 0)
    const order = ['start one', 'start two', 'start three', 'stop three', 'stop two', 'stop one']
    t.same(orderOf(service.output()), order)
  })

  await t.test('a part that fails to start: those before it are stopped, exit 1', async t => {
    const service = await startScript(orderedScript, { ...settings, FAIL: 'two' })
    t.equal(await service.gone, 1)
    t.same(orderOf(service.output()), ['start one', 'start two', 'stop two', 'stop one'])
    t.ok(service.output().includes('two is out of order'))
  })

  await t.test('a part that never stops: DRAIN_MS ends the process with 1', async t => {
    const service = await startScript(orderedScript, { ...settings, STUCK: 'two', DRAIN_MS: '300' })
    await service.until('"ready"')
    service.child.kill('SIGTERM')
    t.equal(await service.gone, 1)
    t.same(orderOf(service.output()).slice(3), ['stop three', 'stop two'])
  })
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

t.test('an argument that is not understood starts nothing: a mistyped --help is no service', async t => {
  const child = spawn(process.execPath, [echoScript.pathname, '--hepl'], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let told = ''
  child.stderr.on('data', chunk => {
    told += chunk
  })
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(told, /^echo: '--hepl' is not understood/)
})
