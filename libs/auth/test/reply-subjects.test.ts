/**
 * The reply subject of a request is free, and the server answers there with its own rights. What nobody may do is not
 * done in that way either. Each trick is shown to work on a server without what stands against it.
 */
import {
  type Broker,
  belowWord,
  bucketTable,
  connectBroker,
  createNkey,
  ensureBuckets,
  ensureStreams,
  listStreams,
  streamTable
} from '@meridian/broker'
import { eventOf, execOf, inboxPrefixOf, type ProcessKind, processKinds } from '@meridian/subjects'
import { createTestLog, startNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { natsConfOf, permissionsOf } from '../src/broker/index.ts'

const SITE = 'hill'
const keys = processKinds.map(kind => ({ kind, ...createNkey() }))
const conf = natsConfOf({ site: SITE, users: keys })
const seeds = t.testdir(Object.fromEntries(keys.map(({ kind, seed }) => [kind, seed])))

const WORD = 'the-word-of-the-admin-and-of-nobody-else'
const withWord = natsConfOf({ site: SITE, users: keys, changeWord: WORD })

interface World {
  connect(kind: ProcessKind): Promise<Broker>
  /** Has the server tell `reply` that a consumer has nothing, as somebody who may read TEL. */
  trick(reply: string): Promise<void>
  /** Streams that are there, with their messages. */
  streams(): Promise<Readonly<Record<string, number>>>
}

async function openWorld(t: Test, config: string): Promise<World> {
  const nats = await startNats({ config })
  t.teardown(() => nats.stop())
  const connect = async (kind: ProcessKind): Promise<Broker> => {
    const broker = await connectBroker({
      ...{ servers: nats.url, name: kind, log: createTestLog(), nkeyFile: `${seeds}/${kind}` },
      inboxPrefix: inboxPrefixOf(kind),
      ...(kind === 'admin' && config === withWord && { changeWord: WORD })
    })
    t.teardown(() => broker.drain())
    return broker
  }
  const admin = await connect('admin')
  await ensureStreams(admin, streamTable(SITE, 'laptop'), createTestLog())
  await admin.request(`audit.${SITE}.forget`, '{}', { timeoutMs: 2_000 })
  const observer = await connect('observer')
  const consumer = { name: 'c', filter_subject: `tel.${SITE}.none`, ack_policy: 'none' }
  const made = { stream_name: 'TEL', config: { ...consumer, inactive_threshold: 60_000_000_000 } }
  const create = `$JS.API.CONSUMER.CREATE.TEL.c.tel.${SITE}.none`
  await observer.request(create, JSON.stringify(made), { timeoutMs: 2_000 })
  const ask = (subject: string) =>
    admin.request(config === withWord ? belowWord(subject, WORD) : subject, '', { timeoutMs: 2_000 })
  return {
    connect,
    async trick(reply) {
      observer.publish('$JS.API.CONSUMER.MSG.NEXT.TEL.c', '{"batch":1,"no_wait":true}', { reply })
      await observer.flush()
      // Behind it on the same queue of the server's API.
      await ask('$JS.API.STREAM.INFO.TEL').catch(() => {})
    },
    async streams() {
      const infos = await Promise.all(
        ['TEL', 'AUDIT'].map(async name => {
          const { state } = JSON.parse((await ask(`$JS.API.STREAM.INFO.${name}`)).text())
          return [name, state?.messages]
        })
      )
      return Object.fromEntries(infos.filter(([, messages]) => messages !== undefined))
    }
  }
}

const withoutMappings = conf.replace(/ {4}mappings \{[^}]*\}\n/, '')
t.not(withoutMappings, conf)

t.test(
  'with the key of an observer no stream is deleted, and none emptied that nobody may empty',
  async t => {
    const { trick, streams } = await openWorld(t, conf)
    for (const call of ['DELETE.TEL', 'DELETE.AUDIT', 'PURGE.AUDIT']) await trick(`$JS.API.STREAM.${call}`)
    t.same(await streams(), { TEL: 0, AUDIT: 1 })
  }
)

t.test('where the system account does not stand against it, it is', async t => {
  const { trick, streams } = await openWorld(t, withoutMappings)
  await trick('$JS.API.STREAM.PURGE.AUDIT')
  await waitFor(async () => (await streams())['AUDIT'] === 0, { what: 'an empty AUDIT' })
  await trick('$JS.API.STREAM.DELETE.TEL')
  await waitFor(async () => (await streams())['TEL'] === undefined, { what: 'no TEL' })
})

/** With two keys, a stored event is written as if somebody asked JetStream with it. */
async function tellAsRequest({ connect }: World, subject: string, body: object): Promise<void> {
  const event = eventOf({ site: SITE, csc: 'MTMount', index: 0, topic: 'x' })
  const producer = await connect('producer')
  await producer.request(event, JSON.stringify(body), { timeoutMs: 2_000 })
  const api = await connect('api')
  api.publish('$JS.API.DIRECT.GET.EVT', JSON.stringify({ last_by_subj: event }), { reply: subject })
  await api.flush()
  await api.request('$JS.API.STREAM.INFO.EVT', '', { timeoutMs: 2_000 })
}

const thief = { name: 'THIEF', subjects: ['thief'], storage: 'memory', retention: 'limits' }

t.test('streams are made, changed and emptied below the word of the admin alone', async t => {
  const world = await openWorld(t, withWord)
  const { connect, trick, streams } = world
  const producer = await connect('producer')
  await producer.request(`tel.${SITE}.MTMount.0.azimuth`, 'x', { timeoutMs: 2_000 })
  for (const call of ['PURGE.TEL', 'DELETE.TEL', 'DELETE.AUDIT']) await trick(`$JS.API.STREAM.${call}`)
  await tellAsRequest(world, '$JS.API.STREAM.CREATE.THIEF', thief)
  t.same(await streams(), { TEL: 1, AUDIT: 1 })
  const observer = await connect('observer')
  t.notOk((await listStreams(observer)).some(({ name }) => name === 'THIEF'))
  const admin = await connect('admin')
  const specs = streamTable(SITE, 'laptop').map(spec => ({ ...spec, maxBytes: spec.maxBytes + 1 }))
  const ensured = await ensureStreams(admin, specs, createTestLog())
  t.ok(ensured.every(({ outcome }) => outcome === 'updated'))
  await ensureBuckets(admin, bucketTable('laptop'))
})

t.test('without a word a stream is made by an event, and one is emptied', async t => {
  const world = await openWorld(t, conf)
  const { connect, trick, streams } = world
  const producer = await connect('producer')
  await producer.request(`tel.${SITE}.MTMount.0.azimuth`, 'x', { timeoutMs: 2_000 })
  await trick('$JS.API.STREAM.PURGE.TEL')
  await waitFor(async () => (await streams())['TEL'] === 0, { what: 'an empty TEL' })
  await tellAsRequest(world, '$JS.API.STREAM.CREATE.THIEF', thief)
  const observer = await connect('observer')
  const made = async () => (await listStreams(observer)).some(({ name }) => name === 'THIEF')
  await waitFor(made, { what: 'the stream of the thief' })
})

t.test('what one process asks another is answered to inboxes alone', async t => {
  const { connect } = await openWorld(t, conf)
  const commander = await connect('commander')
  const observer = await connect('observer')
  const component = await connect('simulator')
  const heard: string[] = []
  component.subscribe(`exec.${SITE}.>`, ({ subject }) => heard.push(subject))
  await component.flush()
  commander.subscribe('$SRV.PING.commander', message => message.respond('{"id":"01h"}'))
  await commander.flush()
  observer.publish('$SRV.PING.commander', '', {
    reply: execOf({ site: SITE, csc: 'MTMount', index: 0 }, 'stop')
  })
  t.equal((await observer.request('$SRV.PING.commander', '', { timeoutMs: 2_000 })).text(), '{"id":"01h"}')
  await waitFor(() => commander.stats().callbackErrors === 1, { what: 'the count' })
  // Its own commands still arrive, behind whatever came before.
  commander.publish(execOf({ site: SITE, csc: 'MTMount', index: 0 }, 'start'), '{}')
  await waitFor(() => heard.length > 0, { what: 'a command' })
  t.same(heard, [execOf({ site: SITE, csc: 'MTMount', index: 0 }, 'start')])
})

t.test('what is asked of JetStream for nobody is asked by no row of the table', async t => {
  const refused = [...conf.matchAll(/"(\$JS\.API\.[^"]+)": "refused"/g)].map(([, subject]) => String(subject))
  t.ok(refused.length > 15, `${refused.length}`)
  for (const kind of processKinds)
    for (const subject of permissionsOf(kind, SITE).publish)
      for (const other of refused)
        t.notOk(
          subject.startsWith(other.replace(/\*.*$/, '')) && subject.startsWith('$JS'),
          `${kind} ${subject}`
        )
})
