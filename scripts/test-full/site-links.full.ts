/**
 * Two sites joined by a leaf link, each broker from the nats.conf of its overlay with keys and TLS: one has mirrors of the
 * other's streams, nothing else crosses, a link that is cut costs nothing, and a mirror whose origin is another log is replaced.
 */
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { leafDenials } from '@meridian/auth/broker'
import {
  type Broker,
  connectBroker,
  createFollower,
  createPublisher,
  ensureStreams,
  messageAt,
  streamNamesOf,
  streamState,
  streamTable
} from '@meridian/broker'
import { eventOf } from '@meridian/subjects'
import {
  createHistory,
  createPublicationLog,
  createTestLog,
  freePort,
  scriptCommand,
  startLink,
  startNats,
  waitFor
} from '@meridian/testing'
import t from 'tap'
import {
  CHANGE_WORD,
  makeCertificate,
  makeKeys,
  publicHalves,
  siteOf,
  startSiteBroker
} from './site-brokers/local-broker.ts'

t.setTimeout(580_000)

const CUT_MS = Number(process.env['CUT_MS'] ?? 60_000)
const log = createTestLog()
const folder = t.testdir()
const [atSummit, atUsdf] = [makeKeys(join(folder, 'summit')), makeKeys(join(folder, 'usdf'))]
const nats = { servers: 1, storage: '8Gi', tls: true, devices: {} }
makeCertificate(folder)

const usdf = await startSiteBroker(
  siteOf('usdf', {
    ...{ nats, nkeys: publicHalves(atUsdf) },
    leafs: { accepts: true, from: { summit: atSummit.leaf.publicKey }, dials: {} }
  }),
  atUsdf,
  folder
)
t.teardown(() => usdf.stop())
const link = await startLink(usdf.leafPort)
t.teardown(() => link.stop())

// The base is in the hands of somebody who gave himself all rights.
const seizedLeafPort = await freePort()
const seized = await startNats({
  domain: 'base',
  config: `leafnodes { listen: "127.0.0.1:${seizedLeafPort}", tls { cert_file: "${folder}/tls.crt", key_file: "${folder}/tls.key", ca_file: "${folder}/ca.crt", verify: true } }
accounts { base { jetstream: enabled, users: [{ user: a, password: a }, { nkey: ${atSummit.leaf.publicKey} }] } }
no_auth_user: a`
})
t.teardown(() => seized.stop())

const summit = await startSiteBroker(
  siteOf('summit', {
    ...{ nats, nkeys: publicHalves(atSummit) },
    leafs: {
      ...{ accepts: false, from: {} },
      dials: { usdf: `tls://localhost:${link.port}`, base: `tls://localhost:${seizedLeafPort}` }
    }
  }),
  atSummit,
  folder
)
t.teardown(() => summit.stop())

const connections: Broker[] = []
const kept = async (made: Promise<Broker>): Promise<Broker> => {
  const broker = await made
  connections.push(broker)
  return broker
}
t.teardown(() => Promise.all(connections.map(broker => broker.drain())))
const admin = await kept(summit.connect('admin'))
const streamNames = streamNamesOf({ site: 'usdf', origin: 'summit' })
const reader = await kept(usdf.connect('gateway', { streamNames }))
const producer = await kept(summit.connect('producer'))
const subjects = Array.from({ length: 20 }, (_, at) =>
  eventOf({ site: 'summit', csc: 'MTMount', index: at, topic: 'target' })
)

/** Publishes so many events at the summit, and tells the log what the stream took. */
function publishAll(published: ReturnType<typeof createPublicationLog>) {
  const publisher = createPublisher(producer, { log })
  let count = 0
  return {
    more(n: number) {
      for (let k = 0; k < n; k++) {
        const [subject = '', id] = [subjects[count % subjects.length], String(count++)]
        publisher.publish({ subject, id, data: Buffer.from(id), kind: 'event' })
        published.published(subject, id)
      }
    },
    async settled() {
      const isSettled = await publisher.flush(60_000)
      const { refused, acked } = publisher.stats()
      return { isSettled, refused, acked }
    }
  }
}

/** The step that makes streams, as a person or a Job of usdf runs it. */
async function streamsStep(): Promise<readonly string[]> {
  const nats = `tls://localhost:${usdf.servers[0]?.port}`
  const args = ['--site', 'summit', '--profile', 'laptop', '--mirror', '--domain', 'summit', '--nats', nats]
  const word = join(folder, 'word')
  writeFileSync(word, CHANGE_WORD, { mode: 0o600 })
  const env = {
    ...{ ...process.env, NODE_OPTIONS: '', NATS_NKEY_FILE: join(atUsdf.folder, 'admin.seed') },
    ...{ NATS_CA_FILE: join(folder, 'ca.crt'), NATS_CHANGE_WORD_FILE: word }
  }
  const command = [...scriptCommand('streams'), ...args]
  return promisify(execFile)(process.execPath, command, { encoding: 'utf8', env, timeout: 60_000 }).then(
    ({ stdout }) => stdout.trim().split('\n'),
    error => [String(error.stderr)]
  )
}

const MIRRORS = ['TEL_summit', 'EVT_summit', 'SCRIPT_summit', 'COMMANDS_summit']

t.test('the streams step makes mirrors of the summit at usdf, in the domain of usdf', async t => {
  await ensureStreams(admin, streamTable('summit', 'laptop'), log)
  await waitFor(() => usdf.servers[0]?.logText().includes('remote "summit"'), { what: 'the link' })
  t.same(
    await streamsStep(),
    MIRRORS.map(name => `${name}: created`)
  )
  t.same(
    await streamsStep(),
    MIRRORS.map(name => `${name}: unchanged`)
  )
})

t.test('a link that is cut costs the site nothing, and the mirror catches up without a gap', async t => {
  const published = createPublicationLog()
  const [near, far] = [createHistory(published), createHistory(published)]
  const site = await kept(summit.connect('gateway'))
  for (const [broker, history] of [
    [site, near],
    [reader, far]
  ] as const) {
    const follower = createFollower(broker, {
      ...{ name: 'test', stream: 'EVT', start: { kind: 'since', ms: 3_600_000 }, log },
      onMessage: ({ subject, data }) => history.received(subject, Buffer.from(data).toString()),
      onReset: () => history.beganAnew('reset')
    })
    await follower.start()
    t.teardown(() => follower.stop())
  }
  const { more, settled } = publishAll(published)
  more(1_000)
  t.match(await settled(), { isSettled: true, refused: 0 })
  await waitFor(async () => (await streamState(reader, 'EVT')).lastSeq === 1_000, {
    what: 'the mirror follows',
    timeoutMs: 60_000
  })
  link.cut()
  const end = Date.now() + CUT_MS
  let told = 1_000
  while (Date.now() < end) {
    more(50)
    told += 50
    t.match(await settled(), { isSettled: true, refused: 0, acked: told }, 'the site goes on')
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  await waitFor(() => near.report().received === told, { what: 'all that was published, at the site' })
  t.equal((await streamState(reader, 'EVT')).lastSeq, 1_000, 'nothing came over a link that was cut')
  link.mend()
  await waitFor(() => far.report().received === told, {
    what: 'all that was published, at usdf',
    timeoutMs: 240_000
  })
  near.verify()
  far.verify()
  t.match(await messageAt(reader, 'EVT', told), { timeUs: (await messageAt(site, 'EVT', told))?.timeUs })
})

t.test('nothing crosses but what a mirror needs, whatever the other broker asks', async t => {
  const stranger = await kept(connectBroker({ servers: seized.url, name: 'stranger', log }))
  await waitFor(() => seized.logText().includes('remote "summit"'), { what: 'the other link' })
  const answer = (subject: string, data = ''): Promise<string> =>
    stranger.request(subject, data, { timeoutMs: 1_000 }).then(
      message => message.text(),
      error => String(error.code)
    )
  const epoch = (await streamState(admin, 'EVT')).epoch
  t.equal(await answer('$JS.summit.API.STREAM.INFO.EVT'), 'BRK_TIMEOUT', 'an answer to another inbox')
  const heard: string[] = []
  stranger.subscribe('>', ({ subject }) => {
    // What a mirror is sent, and the answers to an admin: whoever may have a mirror may hear them.
    if (!/^(_INBOX\.|_INBOX_admin\.|\$JS\.M\.|\$JS\.EVENT\.)/.test(subject)) heard.push(subject)
  })
  const reached: string[] = []
  const commander = await kept(summit.connect('commander'))
  const simulator = await kept(summit.connect('simulator'))
  for (const pattern of ['cmd.summit.>', 'cmdr.summit.alive', 'hb.summit.>'])
    commander.subscribe(pattern, ({ subject }) => reached.push(subject))
  simulator.subscribe('exec.summit.>', ({ subject }) => reached.push(subject))
  await Promise.all([commander, simulator, stranger].map(broker => broker.flush()))

  for (const subject of ['cmd.summit.MTMount.0.move', 'exec.summit.MTMount.0.move', 'hb.summit.MTMount.0'])
    stranger.publish(subject, '{}')
  stranger.publish(subjects[0] ?? '', 'forged')
  for (const what of ['STREAM.DELETE.EVT', 'STREAM.PURGE.EVT', '$KV.auth_users.ada', 'CONSUMER.CREATE.AUDIT'])
    stranger.publish(`$JS.summit.API.${what}`, '')
  const single = await answer('$JS.summit.API.STREAM.MSG.GET.AUDIT', '{"last_by_subj":"audit.>"}')
  t.match(single, /BRK_(TIMEOUT|NO_RESPONDERS)/)
  const before = await streamState(admin, 'EVT')
  await stranger.flush()
  // So far it heard itself.
  heard.length = 0
  const { more, settled } = publishAll(createPublicationLog())
  more(20)
  t.match(await settled(), { isSettled: true, refused: 0 })
  commander.publish('exec.summit.MTMount.0.move', '{}')
  await waitFor(() => reached.length > 0, { what: 'what the site itself sends' })
  await stranger.flush()
  t.same(reached, ['exec.summit.MTMount.0.move'])
  t.same(heard, [])
  t.match(await streamState(admin, 'EVT'), { epoch, firstSeq: before.firstSeq, holes: 0 })
  t.ok(
    leafDenials('summit').imports.includes('$JS.summit.API.$KV.>'),
    'the domain would map it to the bucket'
  )
})

t.test('with the key of the summit’s broker nobody hears or says at usdf what is usdf’s', async t => {
  const thief = await startNats({
    domain: 'summit',
    config: `leafnodes { remotes: [ { url: "tls://localhost:${usdf.leafPort}", nkey: ${atSummit.leaf.seed}, tls { cert_file: "${folder}/tls.crt", key_file: "${folder}/tls.key", ca_file: "${folder}/ca.crt" } } ] }`
  })
  t.teardown(() => thief.stop())
  const stranger = await connectBroker({ servers: thief.url, name: 'thief', log })
  t.teardown(() => stranger.drain())
  await waitFor(() => thief.logText().includes('remote "usdf"'), { what: 'its link' })
  const reached: string[] = []
  const note = (subject: string, data: Uint8Array): void =>
    void reached.push(`${subject} ${Buffer.from(data)}`)
  const heard: string[] = []
  stranger.subscribe('gw.summit.load', ({ data }) => heard.push(Buffer.from(data).toString()))
  reader.subscribe('gw.summit.load', ({ subject, data }) => note(subject, data))
  await Promise.all([reader.flush(), stranger.flush()])
  stranger.publish('gw.summit.load', 'forged')
  await stranger.flush()
  reader.publish('gw.summit.load', 'own')
  await waitFor(() => reached.length > 0, { what: 'what usdf itself sends' })
  await stranger.flush()
  t.same(reached, ['gw.summit.load own'])
  t.same(heard, ['forged'], 'it hears itself alone')
})

t.test('a mirror whose origin was made anew is replaced, and that is told', async t => {
  const [server] = summit.servers
  await server?.kill9()
  rmSync(join(atSummit.folder, 'server-0/data'), { recursive: true })
  await server?.restart()
  await summit.whenHealthy()
  await waitFor(() => admin.state() === 'connected', { what: 'the admin is back', timeoutMs: 30_000 })
  await ensureStreams(admin, streamTable('summit', 'laptop'), log)
  const { epoch } = await streamState(admin, 'EVT')
  t.not((await streamState(reader, 'EVT')).epoch, epoch)
  const told = await waitFor(
    async () => {
      const lines = await streamsStep()
      return lines.length === MIRRORS.length ? lines : undefined
    },
    { what: 'the link is back', timeoutMs: 60_000, everyMs: 1_000 }
  )
  t.same(
    told,
    MIRRORS.map(name => `${name}: remade`)
  )
  t.match(await streamState(reader, 'EVT'), { epoch, lastSeq: 0 })
})
