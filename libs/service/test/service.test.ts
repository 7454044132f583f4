import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connectBroker, createNkey, type Nkey } from '@meridian/broker'
import { createTestLog, freePort, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { VERSION } from '../src/index.ts'
import { bundleScripts } from './bundle-scripts.ts'
import { startScript } from './service-process.ts'

const bundles = await bundleScripts(t, ['echo', 'ordered'])
const echoScript = new URL('echo.js', bundles)
const orderedScript = new URL('ordered.js', bundles)

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
