/**
 * The broker of each site from the nats.conf of its overlay, on real servers: each is taken as it stands; three servers of the
 * summit form a cluster that outlives one of them, with the rights of their users; a device says what it measures and nothing
 * else; a server that is to stop sends its clients on without loss.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createFollower,
  createPublisher,
  ensureDeviceStreams,
  ensureStreams,
  streamState,
  streamTable
} from '@meridian/broker'
import { onRefused } from '@meridian/broker/testing'
import { commandOf, eventOf, rawTelemetryOf } from '@meridian/subjects'
import {
  createHistory,
  createPublicationLog,
  createTestLog,
  findNatsServer,
  waitFor
} from '@meridian/testing'
import t, { type Test } from 'tap'
import { generatedFolderOf, overlaysFolder } from '../site/overlays.ts'
import {
  makeCertificate,
  makeKeys,
  publicHalves,
  siteOf,
  startSiteBroker
} from './site-brokers/local-broker.ts'
import { accountAt, figures, valueAt } from './site-brokers/monitor-pages.ts'
import { connectDevice } from './site-brokers/mqtt-device.ts'

t.setTimeout(500_000)

const log = createTestLog()
const folder = t.testdir()
const tls = join(folder, 'tls')
const PASSWORD = 'dome-password'
// bcrypt of it.
const PASSWORD_HASH = '$2b$04$abcdefghijklmnopqrstuuP/.mDkS0JDL0O5FArPOgn11iYg4vVfS'
mkdirSync(tls)
makeCertificate(tls)

for (const place of ['summit', 'base', 'tucson', 'usdf', 'local'])
  t.test(`${place}: a real server takes its nats.conf, and runs on it`, async t => {
    const conf = readFileSync(join(generatedFolderOf(overlaysFolder, place), 'nats/nats.conf'), 'utf8')
    const file = join(folder, `${place}.conf`)
    writeFileSync(file, conf.replaceAll('/etc/nats-tls', tls))
    const env = { ...process.env, POD_NAME: 'nats-0' }
    const { status, stderr } = spawnSync(findNatsServer(), ['-t', '-c', file], { encoding: 'utf8', env })
    t.equal(status, 0, stderr)
    const site = siteOf(place)
    const keys = makeKeys(join(folder, place))
    const broker = await startSiteBroker(
      { ...site, deploy: { ...site.deploy, nats: { ...site.deploy.nats, servers: 1 } } },
      keys,
      tls
    )
    const admin = await broker.connect('nobody')
    t.equal(await streamState(admin, 'TEL').catch(error => error.code), 'BRK_NO_STREAM')
    await admin.drain()
    await broker.stop()
  })

const keys = makeKeys(join(folder, 'cluster'))
const { storage } = siteOf('summit').deploy.nats
const summit = await startSiteBroker(
  siteOf('summit', {
    nats: { servers: 3, storage, tls: true, devices: { dome: PASSWORD_HASH, mast: PASSWORD_HASH } },
    leafs: { accepts: false, from: {}, dials: {} },
    nkeys: publicHalves(keys)
  }),
  keys,
  tls
)
t.teardown(() => summit.stop())
const subject = eventOf({ site: 'summit', csc: 'MTMount', index: 0, topic: 'target' })

/** Publishes events while `happens` goes on and for a second more; all must come, each once and in order. */
async function publishWhile(t: Test, happens: () => Promise<unknown>): Promise<void> {
  const [producer, gateway] = [await summit.connect('producer'), await summit.connect('gateway')]
  const publisher = createPublisher(producer, { log })
  const published = createPublicationLog()
  const history = createHistory(published)
  const follower = createFollower(gateway, {
    ...{ name: 'test', stream: 'EVT', start: { kind: 'since', ms: 0 }, log },
    onMessage: ({ data }) => history.received(subject, Buffer.from(data).toString()),
    onReset: () => history.beganAnew('reset')
  })
  await follower.start()
  await follower.whenReady()
  let isOver = false
  const over = happens().finally(() => {
    isOver = true
  })
  const mark = String(Math.random()).slice(2)
  let count = 0
  for (let rest = 20; rest > 0; rest -= isOver ? 1 : 0) {
    const id = `${mark}-${count++}`
    publisher.publish({ subject, id, data: Buffer.from(id), kind: 'event' })
    published.published(subject, id)
    await sleep(50)
  }
  await over
  t.ok(await publisher.flush(120_000))
  t.match(publisher.stats(), { refused: 0, droppedEvents: 0, acked: count })
  await waitFor(() => history.report().received >= count, { what: 'all events', timeoutMs: 60_000 })
  history.verify()
  await follower.stop()
  await Promise.all([producer.drain(), gateway.drain()])
}

t.test('the streams step makes streams with three replicas', async t => {
  const admin = await summit.connect('admin')
  await ensureStreams(admin, streamTable('summit', 'site'), log)
  const info = await admin.request('$JS.API.word-of-the-admin-of-one-site-only.STREAM.INFO.EVT', '', {
    timeoutMs: 5_000
  })
  const { config, cluster } = JSON.parse(info.text())
  t.match(
    { config, cluster },
    { config: { num_replicas: 3 }, cluster: { name: 'summit', replicas: [{}, {}] } }
  )
  await admin.drain()
})

t.test('a server tells what alerts and dashboard look at', async t => {
  const [first] = summit.servers
  if (first === undefined) return
  t.ok(figures.length > 5)
  for (const { name, page, path } of figures) {
    // As the exporter asks with the arguments of the component monitoring.
    const value = valueAt(await summit.ask(first, page === '/jsz' ? '/jsz?streams=true' : page), path)
    t.type(value, page === '/healthz' ? 'string' : 'number', `${name}: ${String(value)}`)
  }
  const told = await summit.ask(first, '/jsz')
  t.equal(valueAt(told, ['config', 'max_storage']), 64 * 2 ** 30)
  t.match(await summit.ask(first, '/healthz'), { status: 'ok' })
})

t.test('one of three servers is killed and comes back, and nothing is lost', t =>
  publishWhile(t, async () => {
    const [, second] = summit.servers
    await sleep(1_000)
    await second?.kill9()
    await sleep(3_000)
    await second?.restart()
    await summit.whenHealthy()
  })
)

t.test('each may do what its kind may, and nothing else', async t => {
  const [gateway, producer, commander] = await Promise.all(
    (['gateway', 'producer', 'commander'] as const).map(kind => summit.connect(kind))
  )
  t.teardown(() => Promise.all([gateway, producer, commander].map(broker => broker?.drain())))
  if (gateway === undefined || producer === undefined || commander === undefined) return
  const refused: string[] = []
  for (const broker of [gateway, producer]) onRefused(broker, (_, what) => refused.push(what))
  const { lastSeq } = await streamState(gateway, 'EVT')
  const exec = 'exec.summit.MTMount.0.move'
  const command = commandOf({ site: 'summit', csc: 'MTMount', index: 0 }, 'move')
  const heard: string[] = []
  commander.subscribe('cmd.summit.>', ({ subject }) => heard.push(subject))
  await commander.flush()
  gateway.publish(subject, 'forged')
  producer.publish(exec, '{}')
  gateway.publish(command, '{}')
  await Promise.all([gateway.flush(), producer.flush()])
  await waitFor(() => refused.length === 2 && heard.length === 1, { what: 'two refusals and a command' })
  t.same(new Set(refused), new Set([subject, exec]))
  t.equal((await streamState(gateway, 'EVT')).lastSeq, lastSeq)
  const nobody = await summit.connect('nobody', { connectTimeoutMs: 2_000 }).catch(error => error.code)
  t.type(nobody, 'string', 'nobody is let in without a key')
})

t.test('a device says what it measures, by its password, and nothing else', async t => {
  const caFile = join(tls, 'ca.crt')
  const wrong = await connectDevice(summit.mqttPort, { name: 'dome', password: 'guess', caFile })
  t.not(wrong.answer, 0)
  const producer = await summit.connect('producer')
  const gateway = await summit.connect('gateway')
  t.teardown(() => Promise.all([producer.drain(), gateway.drain()]))
  const heard: string[] = []
  producer.subscribe('raw.summit.>', ({ subject, data }) => heard.push(`${subject} ${Buffer.from(data)}`))
  await producer.flush()
  const { lastSeq } = await streamState(gateway, 'EVT')
  const device = await connectDevice(summit.mqttPort, { name: 'dome', password: PASSWORD, caFile })
  t.equal(device.answer, 0)
  const raw = rawTelemetryOf({ site: 'summit', csc: 'ESS', index: 301, topic: 'climate' })
  t.ok(await device.publish(raw.replaceAll('.', '/'), '{"celsius":3}'))
  await waitFor(() => heard.length === 1, { what: 'what it measured' })
  t.same(heard, [`${raw} {"celsius":3}`])
  await device.publish(subject.replaceAll('.', '/'), 'forged')
  const log = (): string => summit.servers[0]?.logText() ?? ''
  await waitFor(() => log().includes(`Publish Violation`), { what: 'a refusal' })
  t.equal((await streamState(gateway, 'EVT')).lastSeq, lastSeq)
  device.end()
})

t.test('a device that fills its room is refused, and stops neither the site nor another device', async t => {
  const caFile = join(tls, 'ca.crt')
  const [admin, producer] = [await summit.connect('admin'), await summit.connect('producer')]
  t.teardown(() => Promise.all([admin.drain(), producer.drain()]))
  const ensured = await ensureDeviceStreams(admin, 3)
  t.same(new Set(ensured.map(({ outcome }) => outcome)), new Set(['updated']), 'the server has made them')
  const dome = await connectDevice(summit.mqttPort, { name: 'dome', password: PASSWORD, caFile })
  t.equal(await dome.subscribe('#'), 128)
  const isRefused = (): boolean =>
    (summit.servers[0]?.logText() ?? '').includes('unable to store retained message')
  const big = 'x'.repeat(950_000)
  for (let n = 0; n < 100 && !isRefused(); n++)
    await dome.publish(`raw/summit/ESS/301/tel/big${n}`, big, { isRetained: true })
  t.ok(isRefused())
  const devices = await accountAt(summit, 'DEVICES')
  t.ok((devices?.storage ?? 0) < 3 * 33 * 2 ** 20, `${devices?.storage} bytes`)
  const ofSite = (await accountAt(summit, 'summit'))?.stream_detail?.map(({ name }) => name) ?? []
  t.ok(ofSite.includes('EVT') && !ofSite.some(name => name.includes('MQTT')), ofSite.join(' '))
  const [first] = summit.servers
  const ofServer = first && valueAt(await summit.ask(first, '/jsz?streams=true'), ['bytes'])
  t.ok(Number(ofServer) < (devices?.storage ?? 0) / 2, 'what a server tells of an account is that of three')

  const heard: string[] = []
  producer.subscribe('raw.summit.>', ({ data }) => heard.push(Buffer.from(data).toString()))
  await producer.flush()
  const mast = await connectDevice(summit.mqttPort, { name: 'mast', password: PASSWORD, caFile })
  t.equal(mast.answer, 0)
  t.ok(await mast.publish('raw/summit/ESS/302/tel/climate', '{"celsius":4}'))
  t.ok(await dome.publish('raw/summit/ESS/301/tel/climate', '{"celsius":5}', { isRetained: true }))
  await waitFor(() => heard.length === 2, { what: 'what both measured' })
  t.same(heard, ['{"celsius":4}', '{"celsius":5}'])
  const publisher = createPublisher(producer, { log })
  publisher.publish({ subject, id: 'beside-devices', data: Buffer.from('1'), kind: 'event' })
  t.ok(await publisher.flush(60_000))
  t.match(publisher.stats(), { acked: 1, refused: 0 })
  for (const device of [dome, mast]) device.end()
})

t.test('a server that is to stop sends its clients to the others, and nothing is lost', t =>
  publishWhile(t, async () => {
    const [first] = summit.servers
    if (first === undefined) return
    await sleep(1_000)
    first.signal('SIGUSR2')
    const isEmpty = (): Promise<boolean> =>
      summit.ask(first, '/connz').then(
        page => (page as { readonly num_connections: number }).num_connections === 0,
        () => true
      )
    await waitFor(isEmpty, { what: 'a server without clients', timeoutMs: 60_000, everyMs: 500 })
    await first.restart()
    await summit.whenHealthy()
  })
)

t.test('a server whose streams have no majority says so, though it serves', async t => {
  const [first, ...others] = summit.servers
  if (first === undefined) return
  await Promise.all(others.map(server => server.kill9()))
  const isUnwell = async (): Promise<boolean> =>
    valueAt(await summit.ask(first, '/healthz'), ['status']) !== 'ok'
  await waitFor(isUnwell, { what: 'a bad /healthz', timeoutMs: 120_000, everyMs: 500 })
  t.match(
    await summit.ask(first, '/healthz?js-enabled-only=true'),
    { status: 'ok' },
    'it is not started again'
  )
  await Promise.all(others.map(server => server.restart()))
  await summit.whenHealthy()
})
