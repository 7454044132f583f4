import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { natsConfOf } from '@meridian/auth/broker'
import { type Broker, connectBroker, createNkey, listStreams } from '@meridian/broker'
import { inboxPrefixOf, streamNames, streamSubjects } from '@meridian/subjects'
import { createTestLog, scriptCommand, startNats } from '@meridian/testing'
import t from 'tap'
import { ensureBrokerKeys } from './start/broker-keys.ts'
import { caFileOf, changeWordFileOf, seedFileOf } from './start/key-files.ts'

const run = promisify(execFile)
const laptop = ['--profile', 'laptop']

/** Runs the command without what tap preloads. */
const runStreams = (...args: string[]) => runStreamsWith({}, ...args)
const runStreamsWith = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  run(process.execPath, [...scriptCommand('streams'), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env }
  })

t.test('the streams of a site are made once, and mirrors of them', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const streams = async (...args: string[]): Promise<readonly string[]> => {
    const { stdout, stderr } = await runStreams('--nats', nats.url, '--site', 'hill', ...laptop, ...args)
    t.match(stderr, `connected to ${nats.url}`)
    return stdout.trim().split('\n').sort()
  }
  const names = [...streamNames].sort()
  t.same(
    await streams(),
    names.map(name => `${name}: created`)
  )
  t.same(
    await streams(),
    names.map(name => `${name}: unchanged`)
  )
  t.same(await streams('--mirror'), [
    'COMMANDS_hill: created',
    'EVT_hill: created',
    'SCRIPT_hill: created',
    'TEL_hill: created'
  ])
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const tel = (await listStreams(broker)).find(({ name }) => name === 'TEL')
  t.same(tel?.subjects, streamSubjects('TEL', 'hill'))
})

t.test('the audit has the room that it is given', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const ofSite = ['--nats', nats.url, '--site', 'hill', ...laptop]
  const auditBytes = async (...args: string[]) => {
    await runStreams(...ofSite, ...args)
    const text = (await broker.request('$JS.API.STREAM.INFO.AUDIT', '', { timeoutMs: 2_000 })).text()
    return JSON.parse(text).config.max_bytes
  }
  t.equal(await auditBytes(), 32 * 2 ** 20)
  t.equal(await auditBytes('--audit-mib', '48'), 48 * 2 ** 20)
  for (const wrong of [
    ['--audit-mib', 'much'],
    ['--audit-mib', '48', '--mirror']
  ])
    await t.rejects(runStreams(...ofSite, ...wrong), { code: 2, stderr: /^RUN_BAD_OPTION: .*--audit-mib/ })
})

t.test('a broker with keys takes changes below the word alone, which a file names', async t => {
  const { folder: keys, conf } = ensureBrokerKeys(t.testdir(), 'hill')
  const nats = await startNats({ config: conf })
  t.teardown(() => nats.stop())
  const url = nats.url.replace(/^nats:/, 'tls:')
  const env = { NATS_NKEY_FILE: seedFileOf(keys, 'admin'), NATS_CA_FILE: caFileOf(keys) }
  const word = changeWordFileOf(keys)
  const streams = (file: string) =>
    runStreamsWith(
      { ...env, ...(file !== '' && { NATS_CHANGE_WORD_FILE: file }) },
      ...['--nats', url, '--site', 'hill', ...laptop]
    ).then(
      ({ stdout }) => stdout,
      (failed: { code: number; stderr: string }) => `${failed.code} ${failed.stderr}`
    )
  t.notMatch(await streams(''), 'created', 'without the word')
  t.match(await streams(`${keys}/ca.seed`), /^2 RUN_BAD_FILE: .*ca\.seed/)
  writeFileSync(`${keys}/short.word`, 'short\n')
  t.match(await streams(`${keys}/short.word`), /^2 RUN_BAD_FILE: .*short\.word holds no word of the admin/)
  t.match(await streams(word), 'TEL: created')
})

t.test('what the broker stores for devices that speak MQTT is given limits, by the admin alone', async t => {
  const [admin, api] = [createNkey(), createNkey()]
  const folder = t.testdir({ 'admin.seed': admin.seed, 'api.seed': api.seed })
  const users = [
    { kind: 'admin', publicKey: admin.publicKey },
    { kind: 'api', publicKey: api.publicKey }
  ] as const
  const devices = { devices: [{ name: 'dome' }], servers: 1 }
  const nats = await startNats({ config: natsConfOf({ site: 'hill', users, devices }) })
  t.teardown(() => nats.stop())
  const connect = async (kind: 'admin' | 'api'): Promise<Broker> => {
    const nkeyFile = join(folder, `${kind}.seed`)
    const how = { name: kind, log: createTestLog(), nkeyFile, inboxPrefix: inboxPrefixOf(kind) }
    const broker = await connectBroker({ servers: nats.url, ...how })
    t.teardown(() => broker.drain())
    return broker
  }
  const asAdmin = await connect('admin')
  const ask = (broker: Broker, what: string, config = ''): Promise<string> =>
    broker
      .request(`$JS.DEVICES.API.STREAM.${what}.$MQTT_qos2in`, config, { timeoutMs: 2_000 })
      .then(answer => answer.text())
  // As nats-server makes it when the first device comes.
  const made = {
    name: '$MQTT_qos2in',
    subjects: ['$MQTT.qos2.in.>'],
    storage: 'file',
    max_msgs_per_subject: 1
  }
  await ask(asAdmin, 'CREATE', JSON.stringify(made))
  const streams = async (): Promise<string> => {
    const env = { NATS_NKEY_FILE: join(folder, 'admin.seed') }
    const { stdout } = await runStreamsWith(
      env,
      ...['--nats', nats.url, '--site', 'hill', ...laptop, '--devices']
    )
    return stdout.slice(stdout.indexOf('$MQTT'))
  }
  t.equal(await streams(), '$MQTT_rmsgs: created\n$MQTT_qos2in: updated\n')
  t.match(JSON.parse(await ask(asAdmin, 'INFO')), {
    config: {
      max_bytes: 16 * 2 ** 20,
      discard: 'new',
      discard_new_per_subject: true,
      max_msgs_per_subject: 1
    }
  })
  t.equal(await streams(), '$MQTT_rmsgs: unchanged\n$MQTT_qos2in: unchanged\n')
  await t.rejects(ask(await connect('api'), 'INFO'), { code: 'BRK_NOT_PERMITTED' })
})

t.test('one server cannot keep three replicas', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const said = await runStreams('--nats', nats.url, ...laptop, '--replicas', '3').then(
    String,
    (err: { stderr: string }) => err.stderr
  )
  t.match(said, /replicas > 1 not supported/)
})

t.test('the site is that of the system that runs in the data folder, unless another is named', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const data = t.testdir({ 'run.json': JSON.stringify({ nats: nats.url, site: 'hill' }) })
  const { stderr } = await runStreams('--data', data, ...laptop)
  t.match(stderr, /run\.json\), site hill\n/)
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  t.same(
    (await listStreams(broker)).find(({ name }) => name === 'TEL')?.subjects,
    streamSubjects('TEL', 'hill')
  )
  const forget = (...args: readonly string[]) =>
    run(process.execPath, [...scriptCommand('forget'), '--data', data, ...args, 'MTMount:5'], {
      env: { ...process.env, NODE_OPTIONS: '' }
    })
  t.match((await forget()).stderr, /site hill\n/)
  const elsewhere = /RUN_BAD_OPTION: .*--site vale: the broker has site hill\n/
  await t.rejects(forget('--site', 'vale'), { code: 2, stderr: elsewhere }, 'nobody keeps that site there')
})
