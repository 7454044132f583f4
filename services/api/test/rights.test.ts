/** What a role of the site may read and command holds at every address of the api. */
import { join } from 'node:path'
import { append } from '@meridian/broker'
import { storedJson } from '@meridian/broker/testing'
import type { AckRecord, IntakeRecord } from '@meridian/protocol/commands'
import {
  type CommandListAnswer,
  type EventsAnswer,
  type MeAnswer,
  meSchema,
  type SnapshotAnswer
} from '@meridian/protocol/http'
import { ackByIdOf, ackOf, eventOf, everythingBelow, intakeOf } from '@meridian/subjects'
import { startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { Errors } from 'typebox/schema'
import { ulid } from 'ulid'
import { get, openSite, post, SITE, startComponent, store } from './harness.ts'

const { broker, nats } = await openSite(t)
const mount = { site: SITE, csc: 'MTMount', index: 0 }
const dome = { site: SITE, csc: 'MTDome', index: 0 }
const now = taiSecondsOf(Date.now())
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const roles = 'roles: { night: { read: ["*.*.MTMount.>"], command: ["MTMount.stop*", "MTDome.stop"] } }'
const SITE_FILE = join(
  t.testdir({ 'site.yaml': `name: ${SITE}\ninstances: { MTMount: [0], MTDome: [0] }\n${roles}\n` }),
  'site.yaml'
)
const settings = { SITE_FILE, OPEN_ROLE: 'night' }
const [api, commander] = await Promise.all([
  startSiteService('api', nats, settings),
  startSiteService('commander', nats, settings)
])
t.teardown(() => Promise.all([api.stop(), commander.stop()]))
const { address } = api

for (const one of [mount, dome])
  await store(broker, eventOf({ ...one, topic: 'summaryState' }), [
    { time: now - 2, fields: { summaryState: 2 } }
  ])

/** Stores a command that has ended. */
async function storeCommand(target: typeof mount): Promise<string> {
  const id = ulid().toLowerCase()
  const about = { id, csc: target.csc, index: 0, command: 'stop' }
  const intake: IntakeRecord = {
    ...{ ...about, site: SITE, params: {}, principal: 'ada', door: 'api' },
    ...{ acceptedAt: now, notAfter: now + 10, acceptedBy: 'test' }
  }
  const end: AckRecord = { ...about, state: 'complete', time: now, commander: 'test', boot: '1' }
  await append(broker, { subject: intakeOf(target, id), data: json(intake) })
  await append(broker, { subject: ackOf(target, id), data: json(end) })
  return id
}
const ofMount = await storeCommand(mount)
const ofDome = await storeCommand(dome)

const refused = (pattern: string) => ({
  status: 403,
  body: {
    error: { code: 'AUT_NOT_READABLE', facts: { pattern, roles: ['viewer', 'operator', 'administrator'] } }
  }
})

t.test('of wide patterns what may be read is answered', async t => {
  const subject = eventOf({ ...mount, topic: 'summaryState' })
  const list = (await get<EventsAnswer>(address, '/api/events?pattern=evt.>')).body
  t.same(
    list.events.map(event => event.subject),
    [subject]
  )
  const { topics } = (await get<SnapshotAnswer>(address, '/api/snapshot?topics=evt.>')).body
  t.same(
    topics.map(topic => topic.subject),
    [subject]
  )
  const { commands } = (await get<CommandListAnswer>(address, '/api/commands')).body
  t.same(
    commands.map(({ id, state }) => [id, state]),
    [[ofMount, 'complete']]
  )
})

t.test('what may not be read is refused by name, with the roles that may', async t => {
  const topic = eventOf({ ...dome, topic: 'summaryState' })
  t.match(await get(address, `/api/events?pattern=${topic}`), refused(topic))
  t.match(await get(address, `/api/snapshot?topics=${topic}`), refused(topic))
  t.match(await get(address, `/api/history?topic=${topic}&field=summaryState`), refused(topic))
  t.match(await get(address, '/api/commands?component=MTDome'), {
    ...{ status: 403, body: { error: { code: 'AUT_NOT_READABLE' } } }
  })
  t.match(await get(address, `/api/commands/${ofDome}`), refused(ackByIdOf(SITE, ofDome)))
  t.match(await get(address, `/api/commands/${ofMount}`), { status: 200, body: { state: 'complete' } })
})

t.test('a refused pattern is named as it was asked for, not as the role makes it', async t => {
  for (const [path, name] of [
    ['/api/snapshot?topics=', 'topics'],
    ['/api/events?pattern=', 'pattern']
  ] as const)
    t.match(await get(address, `${path}>`), {
      status: 400,
      body: { error: { code: 'API_BAD_TOPIC', message: new RegExp(`'${name}' is '>'; expected: `) } }
    })
})

t.test('a command that the role may not send is refused, with the roles that may', async t => {
  const component = startComponent(broker, 'MTMount', (_request, reply) => reply({ ack: 303 }))
  t.teardown(() => component.stop())
  const ask = (command: string) => post(address, '/api/commands', { csc: 'MTMount', index: 0, command })
  t.match(await ask('stop'), { status: 202 })
  t.match(await ask('enable'), {
    status: 403,
    body: {
      error: {
        code: 'CMD_NOT_ALLOWED',
        message: /MTMount\.enable by anonymous, whose roles are night; it needs operator$/,
        facts: { roles: ['operator'] }
      }
    }
  })
})

t.test(
  'an id that is taken is told to all, by which command only to whoever may read its record',
  async t => {
    const taken = (id: string) =>
      post(address, '/api/commands', { id, csc: 'MTMount', index: 0, command: 'stopTracking' })
    const hidden = await taken(ofDome)
    t.match(hidden, { status: 409, body: { error: { code: 'CMD_DUPLICATE_ID', facts: { id: ofDome } } } })
    t.same(hidden.body.error?.facts, { id: ofDome })
    t.notMatch(JSON.stringify(hidden.body), /MTDome|"stop"/)
    t.match(await taken(ofMount), {
      ...{
        status: 409,
        body: { error: { message: /MTMount:0 stop$/, facts: { ...mountStop, id: ofMount } } }
      }
    })
  }
)
const mountStop = { csc: 'MTMount', index: 0, command: 'stop' }

t.test('whoever sent a command reads its record, waiting or later; not that of another', async t => {
  const component = startComponent(broker, 'MTDome', (_request, reply) => reply({ ack: 303 }))
  t.teardown(() => component.stop())
  const asked = { csc: 'MTDome', index: 0, command: 'stop' }
  const waited = await post<{ id: string }>(address, '/api/commands?wait=20', asked)
  t.match(waited, { status: 200, body: { state: 'complete', intake: { ...asked, principal: 'anonymous' } } })
  const { id } = waited.body
  const later = await get<object>(address, `/api/commands/${id}`)
  t.equal(later.status, 200)
  t.match(later.body, { id, state: 'complete', intake: asked })
  t.match(await post(address, '/api/commands', { ...mountStop, id }), {
    ...{ status: 409, body: { error: { message: /MTDome:0 stop$/ } } }
  })
  t.match(
    await get(address, `/api/commands/${ofDome}`),
    { status: 403 },
    'the same command, by somebody else'
  )
})

t.test('the probes tell whoever runs it that nobody logs in, and which role everybody has', async t => {
  for (const service of [api, commander])
    t.same((await get(service.address, '/readyz')).body, {
      ready: true,
      access: { mode: 'open', role: 'night' }
    })
})

t.test('whoever asks learns what he may', async t => {
  const { status, headers, body } = await get<MeAnswer>(address, '/api/me')
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.same(Errors(meSchema, body)[1], [])
  t.same(body, {
    ...{ mode: 'open', name: 'anonymous', roles: ['night'] },
    siteRoles: {
      viewer: { read: ['>'], command: [] },
      operator: { read: ['>'], command: ['*.*'] },
      administrator: { read: ['>'], command: [], users: true },
      night: { read: ['*.*.MTMount.>'], command: ['MTMount.stop*', 'MTDome.stop'] }
    }
  })
})

t.test('each of these refusals stands in the audit, told once a minute with what was asked for', async t => {
  const audit = () => storedJson(broker, 'AUDIT', everythingBelow('audit', { site: SITE }))
  await waitFor(async () => (await audit()).length === 2, { what: 'both refusals' })
  const about = [eventOf({ ...dome, topic: 'summaryState' })]
  t.match(
    (await audit()).toSorted((a, b) => (String(a['what']) < String(b['what']) ? -1 : 1)),
    [
      {
        ...{ what: 'command-refused', name: 'anonymous', door: 'api', code: 'CMD_NOT_ALLOWED' },
        ...{ about: ['MTMount.0.enable'], process: /^commander/, address: undefined }
      },
      {
        ...{ what: 'read-refused', name: 'anonymous', address: '127.0.0.1', code: 'AUT_NOT_READABLE' },
        ...{ about, process: /^api/ }
      }
    ]
  )
  const metrics = await (await fetch(`${address}/metrics`)).text()
  t.match(metrics, /^meridian_auth_audit_lost_total(\{[^}]*\})? 0$/m)
})
