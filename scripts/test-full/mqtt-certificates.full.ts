/**
 * Devices that speak MQTT and are known by certificates, which are made by the lines of the page of their component: mosquitto's
 * client against the broker of a site. Who has a certificate of the devices' CA for a name of the site file publishes `raw`, and
 * nobody else anything. What they send retained fills their own room, and no more.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { append, ensureDeviceStreams, ensureStreams, streamTable } from '@meridian/broker'
import { eventOf, rawTelemetryOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import {
  type LocalBroker,
  makeCertificate,
  makeKeys,
  publicHalves,
  siteOf,
  startSiteBroker
} from './site-brokers/local-broker.ts'

t.setTimeout(300_000)

const folder = t.testdir({ tls: {}, devices: {} })
const devices = join(folder, 'devices')
const tls = join(folder, 'tls')
const readme = readFileSync(join(root, 'deploy/components/mqtt-certificates/README.md'), 'utf8')
const [, byHand = ''] = /\*\*Without cert-manager\*\*[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme) ?? []

/** The lines of the page for another device; the CA is that of the first. */
const linesFor = (name: string): string =>
  byHand
    .split('\n')
    .filter(line => name === 'dome' || !line.includes('-x509'))
    .join('\n')
    .replaceAll('dome', name)

for (const name of ['dome', 'guest'])
  await runTool('bash', ['-e', '-c', linesFor(name)], { cwd: devices, timeoutMs: 60_000 })
makeCertificate(tls)
const nats = { servers: 1, storage: '4Gi', tls: true, devices: { dome: 'certificate' } }

/** The broker of a site of its own, with keys in a new folder. */
async function startBroker(name: string): Promise<LocalBroker> {
  const keys = makeKeys(join(folder, name))
  mkdirSync(join(keys.folder, 'mqtt-ca'))
  copyFileSync(join(devices, 'mqtt-ca.crt'), join(keys.folder, 'mqtt-ca/ca.crt'))
  const started = await startSiteBroker(siteOf('local', { nats, nkeys: publicHalves(keys) }), keys, tls)
  t.teardown(() => started.stop())
  return started
}
const broker = await startBroker('keys')

const raw = rawTelemetryOf({ site: 'local', csc: 'ESS', index: 301, topic: 'climate' })
const event = eventOf({ site: 'local', csc: 'MTMount', index: 0, topic: 'target' })
const certificateOf = (name: string, at = devices): readonly string[] => [
  ...['--cert', join(at, `${name}.crt`)],
  ...['--key', join(at, `${name}.key`)]
]

/** As the page says, with a certificate and what else is said. */
const publish = (subject: string, text: string, how: readonly string[]): Promise<string> =>
  publishAs(how, subject, ['-m', text])

const publishAs = (
  how: readonly string[],
  subject: string,
  what: readonly string[],
  { mqttPort } = broker
): Promise<string> =>
  runTool(
    'mosquitto_pub',
    [
      ...['-h', 'localhost', '-p', String(mqttPort), '--cafile', join(tls, 'ca.crt'), ...how],
      ...['-q', '1', '-t', subject.replaceAll('.', '/'), ...what]
    ],
    { timeoutMs: 20_000 }
  )

const isThere = spawnSync('mosquitto_pub', ['--help']).error === undefined

const skip = !isThere && 'mosquitto_pub is not there: .ci/install installs it'

t.test('a device with a certificate says what it measures, and nobody else anything', { skip }, async t => {
  const heard: string[] = []
  const producer = await broker.connect('producer')
  t.teardown(() => producer.drain())
  producer.subscribe('raw.local.>', ({ data }) => heard.push(Buffer.from(data).toString()))
  await producer.flush()
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['without a certificate', []],
    ['with one of another CA, the broker its own', certificateOf('tls', tls)],
    ['under a name that the site file does not list', certificateOf('guest')],
    ['with a password besides', [...certificateOf('dome'), '-u', 'dome', '-P', 'guess']]
  ]
  for (const [what, how] of refused)
    await t.rejects(publish(raw, what, how), { code: 'RUN_TOOL_FAILED' }, what)
  await publish(event, 'forged', certificateOf('dome')).catch(() => undefined)
  await publish(raw, '{"celsius":3}', certificateOf('dome'))
  await waitFor(() => heard.length > 0, { what: 'what it measured' })
  t.same(heard, ['{"celsius":3}'])
  t.match(broker.servers[0]?.logText(), `Publish Violation - Subject "${event}"`)
})

t.test(
  'what a device sends retained ends at the limit of its account, and the site goes on',
  { skip },
  async t => {
    const [admin, producer] = [await broker.connect('admin'), await broker.connect('producer')]
    t.teardown(() => Promise.all([admin.drain(), producer.drain()]))
    await ensureStreams(admin, streamTable('local', 'laptop'), createTestLog())
    const file = join(folder, 'big')
    writeFileSync(file, Buffer.alloc(950_000))
    const dome = certificateOf('dome')
    const isRefused = (): boolean =>
      (broker.servers[0]?.logText() ?? '').includes('unable to store retained message')
    let sent = 0
    while (sent < 100 && !isRefused()) await publishAs(dome, `${raw}.big${sent++}`, ['-r', '-f', file])
    t.ok(sent > 30 && isRefused(), `${sent} messages of 950 kB`)

    const heard: string[] = []
    producer.subscribe(raw, ({ data }) => heard.push(Buffer.from(data).toString()))
    await producer.flush()
    await publish(raw, '{"celsius":4}', dome)
    await waitFor(() => heard.length > 0, { what: 'what it measured' })
    t.match(await append(producer, { subject: event, data: '1' }), { stream: 'EVT' })

    const limited = async (): Promise<readonly string[]> =>
      (await ensureDeviceStreams(admin, 1)).map(({ outcome }) => outcome)
    t.same(await limited(), ['updated', 'updated', 'updated'], 'the server had made them')
    t.same(await limited(), ['unchanged', 'unchanged', 'unchanged'])
    await publishAs(dome, raw, ['-m', '{"celsius":5}', '-q', '2'])
    await waitFor(() => heard.length > 1, { what: 'what it measured, once' })
    t.same(heard, ['{"celsius":4}', '{"celsius":5}'])
  }
)

t.test('streams that are made before the first device comes are those that it uses', { skip }, async t => {
  const early = await startBroker('early')
  const [admin, producer] = [await early.connect('admin'), await early.connect('producer')]
  t.teardown(() => Promise.all([admin.drain(), producer.drain()]))
  const outcomes = async (): Promise<readonly string[]> =>
    (await ensureDeviceStreams(admin, 1)).map(({ name, outcome }) => `${name} ${outcome}`)
  t.same(await outcomes(), ['$MQTT_rmsgs created', '$MQTT_qos2in created'])
  const heard: string[] = []
  producer.subscribe(raw, ({ data }) => heard.push(Buffer.from(data).toString()))
  await producer.flush()
  for (const qos of ['0', '1', '2'])
    await publishAs(certificateOf('dome'), raw, ['-r', '-m', qos, '-q', qos], early)
  await waitFor(() => heard.length === 3, { what: 'a message of each quality' })
  t.same(heard, ['0', '1', '2'])
  t.same(await outcomes(), ['$MQTT_rmsgs unchanged', '$MQTT_qos2in unchanged', '$MQTT_sess updated'])
  t.notMatch(early.servers[0]?.logText(), 'unable to store')
})
