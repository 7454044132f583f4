/**
 * The table of rights at the broker is neither too narrow nor too wide: the whole system runs on the generated
 * file without one refusal, and every right is one that it used and could not do without.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createAuditTrail } from '@meridian/auth/audit'
import { natsConfOf, type Permissions, permissionsOf } from '@meridian/auth/broker'
import {
  bucketStream,
  bucketTable,
  connectBroker,
  consumePartition,
  createNkey,
  ensureBuckets,
  ensureStreams,
  lastValues,
  messageAt,
  openBucket,
  restoreStream,
  snapshotStream,
  streamTable
} from '@meridian/broker'
import { onRefused } from '@meridian/broker/testing'
import { createClient, type Update } from '@meridian/client'
import { AUDIT_KINDS } from '@meridian/protocol/http'
import {
  auditOf,
  eventOf,
  type ProcessKind,
  partitionFilterOf,
  streamNames,
  streamSubjects
} from '@meridian/subjects'
import {
  createTestLog,
  freePort,
  type ServiceProcess,
  startNats,
  startSiteService,
  waitFor
} from '@meridian/testing'
import { systemClock } from '@meridian/time'
import t from 'tap'
import { forgetComponent } from '../forget/forget-component.ts'
import { outliveFrozenBroker } from './broker-rights/frozen-broker.ts'
import { useDoors } from './broker-rights/log-in.ts'
import { lookAround, READ } from './broker-rights/look-around.ts'
import { needsOf } from './broker-rights/needs.ts'
import { startTracedBroker } from './broker-rights/traced-broker.ts'
import { CHANGE_WORD, MOVE, SITE } from './keyed-site/facts.ts'

t.setTimeout(300_000)

const log = createTestLog()
const world = await startTracedBroker(SITE)
t.teardown(() => world.stop())

const start = async (
  kind: ProcessKind,
  settings: Readonly<Record<string, string>> = {}
): Promise<ServiceProcess> => {
  const NATS_NKEY_FILE = world.nkeyFile(kind)
  const service = await startSiteService(kind, world.nats, {
    SITE,
    NATS_NKEY_FILE,
    DRAIN_MS: '2000',
    ...settings
  })
  t.teardown(() => service.stop())
  return service
}

/** Ends it as a supervisor does: it leaves nothing behind at the broker. */
const end = async (service: ServiceProcess): Promise<void> => {
  service.child.kill('SIGTERM')
  t.equal(await service.gone, 0)
}

t.test('streams are made, updated, and what an earlier version kept is moved', async t => {
  const admin = await world.connect('admin')
  const specs = streamTable(SITE, 'laptop')
  await ensureStreams(admin, specs, log)
  await ensureBuckets(admin, bucketTable('laptop'))
  const larger = specs.map(spec => ({ ...spec, maxBytes: spec.maxBytes + 1 }))
  await ensureStreams(admin, larger, log)
  const old = await world.connect('producer')
  const topic = { site: SITE, csc: 'ScriptQueue', index: 1, topic: 'script', key: '100021' }
  // The second time something stands under the new name.
  for (const text of ['old', 'newer']) {
    old.publish(eventOf(topic), text)
    await old.flush()
    const ensured = await ensureStreams(admin, larger, log)
    t.equal(ensured.find(({ name }) => name === 'EVT')?.moved, 1)
  }
  await old.drain()
  await admin.drain()
})

t.test('what a backup has is taken and read back', async () => {
  const admin = await world.connect('admin')
  const buckets = bucketTable('laptop').filter(({ isBackedUp }) => isBackedUp)
  for (const stream of [...streamNames, ...buckets.map(({ name }) => bucketStream(name))]) {
    const parts: Uint8Array[] = []
    const facts = await snapshotStream(admin, stream, async part => void parts.push(Buffer.from(part)))
    await restoreStream(admin, facts, Readable.from(parts), { mayReplace: true })
    // So little comes in one part, and the last one is not acknowledged.
    admin.publish(`$JS.SNAPSHOT.ACK.${stream}.x.131072.1`, '')
  }
  await admin.drain()
})

t.test('a consumer of an earlier version is there when the commander starts', async () => {
  const earlier = await world.connect('commander')
  const partition = consumePartition(earlier, {
    ...{ stream: 'COMMANDS', durable: `commander-${SITE}-lane-0`, filter: partitionFilterOf(SITE, 0) },
    ...{ ackWaitMs: 7_000, onMessage: async () => {}, log }
  })
  await partition.whenReady()
  await partition.stop()
  await earlier.drain()
})

t.test('a sample goes from its source to a WebSocket client, and a command to its end', async t => {
  const simulator = await start('simulator')
  let producer = await start('producer')
  const commander = await start('commander')
  const port = await freePort()
  const settings = { PORT: String(port), RING_MS: '100', DRAIN_MS: '5000' }
  let gateway = await start('gateway', settings)
  const api = await start('api')
  const client = createClient({ url: `ws://127.0.0.1:${port}/live` })
  t.teardown(() => client.close())
  const updates: Update[] = []
  const outcomes: string[] = []
  const patterns = ['tel', 'evt', 'ack'].flatMap(kind =>
    ['MTMount', 'ATDome'].map(csc => `${kind}.${SITE}.${csc}.>`)
  )
  const scripts = ['state', 'metadata'].map(topic => `script.${SITE}.*.*.${topic}`)
  const all = [...patterns, ...scripts, `evt.${SITE}.Liveness.>`, `evt.${SITE}.ScriptQueueState.>`]
  client.subscribe(
    all.map(pattern => ({ pattern, quality: 'all' as const })),
    {
      onData: update => updates.push(update),
      onOutcome: ({ kind }) => outcomes.push(kind)
    }
  )
  client.connect()
  const seen = (start: string): Promise<unknown> =>
    waitFor(() => updates.some(({ subject }) => subject.startsWith(start)), {
      what: start,
      timeoutMs: 90_000
    })
  await seen(`tel.${SITE}.MTMount.`)
  t.match(await client.command(MOVE).done, { state: 'complete' }, 'through the gateway')

  const ask = async (path: string, init: RequestInit = {}): Promise<{ readonly id: string }> => {
    const answer = await fetch(`${api.address}/api/${path}`, init)
    t.ok(answer.ok, `${path}: ${answer.status}`)
    return answer.json() as Promise<{ readonly id: string }>
  }
  const post = (body: object): RequestInit => ({
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' }
  })
  const command = await ask('commands', post(MOVE))
  const done = await ask(`commands/${command.id}?wait=30`)
  t.match(done, { id: command.id, state: 'complete' }, 'through the api')
  await ask('commands', post({ ...MOVE, id: command.id }))
  await ask('commands?limit=5')
  await seen('script.')
  const past = new Date(Date.now() - 2_000).toISOString()
  const [tel, evt, script] = [`tel.${SITE}.MTMount.>`, `evt.${SITE}.MTMount.>`, `script.${SITE}.>`]
  for (const pattern of [evt, script]) await ask(`events?pattern=${pattern}&limit=3`)
  await ask(`events?pattern=${evt}&pattern=evt.${SITE}.ATDome.>&limit=3`)
  await ask(`events?pattern=${scripts.join('&pattern=')}&limit=3`)
  await ask(`snapshot?topics=${tel},evt.${SITE}.>,${script}`)
  await ask(`snapshot?topics=${tel},${evt},${script}&at=${past}`)
  await ask(`history?topic=tel.${SITE}.MTMount.0.azimuth&field=actualPosition&points=10`)

  // The next gateway has nothing in its ring: what was missed is read from the streams, beside what was removed
  // on purpose. The next producer reads back the queue with its scripts.
  await end(gateway)
  await ask('commands?wait=30', post(MOVE))
  const admin = await world.connect('admin')
  await forgetComponent(admin, { site: SITE, csc: 'ATDome', index: 0 })
  await forgetComponent(admin, { site: SITE, csc: 'Gateway', index: 77 })
  await admin.drain()
  await end(producer)
  producer = await start('producer')
  await new Promise(resolve => setTimeout(resolve, 1_000))
  gateway = await start('gateway', settings)
  await waitFor(() => outcomes.includes('resumed'), { what: 'a resume', timeoutMs: 60_000 })

  await end(simulator)
  await seen(`evt.${SITE}.Liveness.0.component`)
  await start('simulator')
  await lookAround(t, await world.connect('observer'))
  client.close()
  for (const service of [gateway, api, commander, producer]) await end(service)
})

t.test('what these minutes did not need is used by the functions that need it at other times', async () => {
  // A gateway that resumes asks when a message was stored, and a follower whether something was removed.
  const gateway = await world.connect('gateway')
  for (const stream of READ) await messageAt(gateway, stream, 1)
  // One who resumes with patterns of two scripts has what he missed read with a filter for each.
  const [scripts = ''] = streamSubjects('SCRIPT', SITE)
  const subjects = ['a', 'b'].map(queue => scripts.replace('>', queue))
  for await (const _ of lastValues(gateway, { stream: 'SCRIPT', subjects })) break
  await gateway.drain()
  // A producer that reads Kafka begins where the streams stand.
  const producer = await world.connect('producer')
  for (const stream of ['TEL', 'EVT', 'SCRIPT'] as const)
    for (const subjects of [streamSubjects(stream, SITE), streamSubjects(stream, SITE).slice(0, 1)])
      for await (const _ of lastValues(producer, { stream, subjects })) break
  await producer.drain()
  // A token is signed by a key that has not come yet.
  for (const kind of ['gateway', 'commander', 'api'] as const) {
    const door = await world.connect(kind)
    await openBucket(door, 'auth_keys').get('x')
    await door.drain()
  }
})

t.test('where everybody logs in, the doors go by the keys and revocations of the buckets', async t => {
  const local = { AUTH_MODE: 'local' }
  const producer = await start('producer')
  const commander = await start('commander', local)
  const gateway = await start('gateway', local)
  const api = await start('api', local)
  const told = await useDoors({ api, gateway }, MOVE)
  t.same(
    told.filter(step => !/: 20\d$/.test(String(step))),
    ['accepted', 'complete']
  )
  t.equal(told.length, 16)
  await outliveFrozenBroker(world, [gateway, commander, api])
  for (const service of [gateway, api, commander, producer]) await end(service)
})

/** Writes each kind of what the audit tells. */
t.test('each kind of the audit is written by those who may', async t => {
  for (const kind of ['api', 'gateway', 'commander'] as const) {
    const broker = await world.connect(kind)
    const trail = createAuditTrail({ broker, site: SITE, name: kind, clock: systemClock, log })
    const own = AUDIT_KINDS.filter(what => permissionsOf(kind, SITE).publish.includes(auditOf(SITE, what)))
    t.ok(own.length > 0, kind)
    for (const what of own) await trail.announce({ what })
    await trail.stop(1_000)
    await broker.drain()
  }
})

t.test('nothing was refused, and every right was used', async t => {
  t.same(world.refusals, [])
  t.same(
    needsOf(SITE, world.used)
      .filter(({ witness }) => witness === undefined)
      .map(({ kind, what, right }) => `${kind} ${what} ${right}`),
    []
  )
})

t.test('without any one of them the broker refuses what the system did with it', async t => {
  const all = needsOf(SITE, world.used).filter(({ witness }) => witness !== undefined)
  const users = all.map(({ kind, what, right }) => {
    const rights = permissionsOf(kind, SITE, CHANGE_WORD)
    const permissions: Permissions = { ...rights, [what]: rights[what].filter(other => other !== right) }
    return { kind, permissions, ...createNkey() }
  })
  const nats = await startNats({ config: natsConfOf({ site: SITE, users }) })
  t.teardown(() => nats.stop())
  const folder = mkdtempSync(join(tmpdir(), 'meridian-seeds-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [at, { kind, what, right, witness = '' }] of all.entries()) {
    const nkeyFile = join(folder, String(at))
    writeFileSync(nkeyFile, users[at]?.seed ?? '')
    const broker = await connectBroker({ servers: nats.url, name: kind, log, nkeyFile })
    const refused = new Promise<string>(resolve => onRefused(broker, (_, subject) => resolve(subject)))
    if (what === 'publish') broker.publish(witness, '')
    else broker.subscribe(witness, () => {})
    const late = new Promise<string>(resolve => setTimeout(resolve, 5_000, 'not refused').unref())
    t.equal(await Promise.race([refused, late]), witness, `${kind} needs to ${what} ${right}`)
    await broker.drain()
  }
})
