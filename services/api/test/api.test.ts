import { append } from '@meridian/broker'
import type { CommandAccepted, CommandHistory } from '@meridian/protocol/commands'
import {
  acceptedSchema,
  catalogueSchema,
  componentSchema,
  type EndedAnswer,
  errorSchema,
  historySchema,
  liveEventsQuerySchema,
  recordSchema,
  type SiteAnswer,
  siteSchema
} from '@meridian/protocol/http'
import { ackOf } from '@meridian/subjects'
import { type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Errors } from 'typebox/schema'
import { ulid } from 'ulid'
import { makeConsole } from './console-folder.ts'
import { get, openSite, post, SITE, startComponent } from './harness.ts'

const root = t
const { broker, nats } = await openSite(t)

const { folder, script } = makeConsole(t)
const api = await startSiteService('api', nats, { CONSOLE_DIR: folder, HISTORY_MESSAGES: '3000' })
t.teardown(() => api.stop())
const { address } = api
const move = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 1, elevation: 60 } }
const newId = (): string => ulid().toLowerCase()

t.test('without a commander the answer is 503 at once and nothing is accepted', async t => {
  const id = newId()
  const { status, body } = await post(address, '/api/commands', { ...move, id })
  t.equal(status, 503)
  t.match(body.error, { code: 'CMD_NO_COMMANDER', canRetry: true })
  t.equal((await get(address, `/api/commands/${id}`)).status, 404)
})

const executions: string[] = []
let commander: ServiceProcess | undefined

/** A command that has run to its end; a busy machine may refuse it or lose its answer: then the next is asked for. */
const moved = (): Promise<CommandHistory> =>
  waitFor(
    async () => {
      const { status, body } = await post<CommandHistory>(address, '/api/commands?wait=5', move)
      return status === 200 && body.state === 'complete' ? body : undefined
    },
    { what: 'the mount moves', timeoutMs: 120_000 }
  )

t.test('once a commander runs, commands are accepted', async t => {
  commander = await startSiteService('commander', nats, { REPLY_MS: '1000' })
  const mount = startComponent(broker, 'MTMount', ({ id, command, params }, reply) => {
    executions.push(id)
    if (command !== 'moveToTarget') return reply({ ack: -302, error: 1, result: 'Failed: no' })
    reply({ ack: 301, timeout: 5 })
    setTimeout(() => reply({ ack: 303, result: 'Done' }), Number(params['azimuth']) * 100)
  })
  root.teardown(() => mount.stop())
  root.teardown(() => commander?.stop())
  t.match((await moved()).intake, { csc: 'MTMount', command: 'moveToTarget' })
})

t.test('a command is accepted with 202, and its record can be read until its end', async t => {
  const id = newId()
  const { status, headers, body } = await post<CommandAccepted>(address, '/api/commands', { ...move, id })
  t.equal(status, 202)
  t.equal(headers.get('location'), `/api/commands/${id}`)
  t.match(body, { id, state: 'accepted', duplicate: false, links: { self: `/api/commands/${id}` } })
  const record = await waitFor(
    async () => {
      const { body } = await get<CommandHistory>(address, `/api/commands/${id}`)
      return body.state === 'complete' ? body : undefined
    },
    { what: 'the end' }
  )
  t.same(
    record.stages.map(({ state }) => state),
    ['dispatching', 'inProgress', 'complete']
  )
  t.match(record.intake, { id, principal: 'anonymous', door: 'api', params: move.params })
})

t.test('?wait= answers with the record at the end, or with 202 when the time is over', async t => {
  const done = await post<CommandHistory>(address, '/api/commands?wait=5', move)
  t.equal(done.status, 200)
  t.equal(done.body.state, 'complete')
  t.equal(done.body.stages.length, 3)
  const slow = { ...move, params: { azimuth: 10, elevation: 60 } }
  const { status, body } = await post<CommandAccepted>(address, '/api/commands?wait=0.2', slow)
  t.equal(status, 202)
  const record = await get<CommandHistory>(address, `/api/commands/${body.id}?wait=5`)
  t.equal(record.body.state, 'complete')
  const again = await post<CommandHistory>(address, '/api/commands?wait=5', { ...slow, id: body.id })
  t.equal(again.status, 200, 'a repeated request gets the end that was')
  t.equal(executions.filter(id => id === body.id).length, 1)
})

t.test('the record of a stop that was awaited carries the warning of its answer', async t => {
  const stop = { csc: 'MTDome', index: 0, command: 'stop', params: {} }
  const { status, body } = await post<EndedAnswer>(address, '/api/commands?wait=8', stop)
  t.equal(status, 200)
  t.match(body, { warning: { code: 'CMD_OFFLINE' }, stages: [{ state: 'dispatching' }, { state: 'noack' }] })
})

t.test("the commander's refusals keep their code and have their status", async t => {
  const cases: [object, number, string][] = [
    [{ ...move, csc: 'Nope' }, 404, 'CMD_UNKNOWN_COMPONENT'],
    [{ ...move, index: 9 }, 404, 'CMD_UNKNOWN_INSTANCE'],
    [{ ...move, command: 'explode' }, 404, 'CMD_UNKNOWN_COMMAND'],
    [{ ...move, params: { azimuth: 'x' } }, 400, 'CMD_BAD_PARAMETER'],
    [{ ...move, csc: 'MTDome', command: 'park', params: {} }, 409, 'CMD_OFFLINE']
  ]
  for (const [body, status, code] of cases) {
    const answer = await post(address, '/api/commands', body)
    t.equal(answer.status, status, code)
    t.equal(answer.body.error?.code, code)
  }
  const id = newId()
  await post(address, '/api/commands', { ...move, id })
  const other = await post(address, '/api/commands', { ...move, id, command: 'stop', params: {} })
  t.equal(other.status, 409)
  t.equal(other.body.error?.code, 'CMD_DUPLICATE_ID')
})

t.test('catalogue and site are plain JSON that a client may keep by its ETag', async t => {
  const names = await get<{ components: unknown[] }>(address, '/api/catalogue')
  t.equal(names.body.components.length, 63)
  const one = await get<{ commands: { name: string }[] }>(address, '/api/catalogue/MTMount')
  t.ok(one.body.commands.some(({ name }) => name === 'moveToTarget'))
  t.equal(one.headers.get('content-encoding'), 'gzip')
  const { body: site } = await get<SiteAnswer>(address, '/api/site')
  t.equal(site.name, SITE)
  t.ok(site.instances.length > 100)
  t.equal(site.location?.elevationM, 2663)
  t.same(site.components['MTDome']?.stops, { stop: { engageBrakes: false, subSystemIds: 2047 } })
  for (const path of ['/api/catalogue', '/api/catalogue/MTMount', '/api/site']) {
    const etag = (await get(address, path)).headers.get('etag') ?? ''
    const kept = await get(address, path, { headers: { 'if-none-match': `W/"x", ${etag}` } })
    t.equal(kept.status, 304)
  }
})

t.test('every answer is what its schema says', async t => {
  const id = newId()
  const accepted = await post(address, '/api/commands', { ...move, id })
  const record = await get(address, `/api/commands/${id}?wait=5`)
  const answers: [TSchema, Awaited<ReturnType<typeof get>>][] = [
    [acceptedSchema, accepted],
    [recordSchema, record],
    [errorSchema, await get(address, `/api/commands/${newId()}`)],
    [catalogueSchema, await get(address, '/api/catalogue')],
    [componentSchema, await get(address, '/api/catalogue/MTMount')],
    [componentSchema, await get(address, '/api/catalogue/ATCamera')],
    [siteSchema, await get(address, '/api/site')],
    [
      historySchema,
      await get(address, '/api/history?topic=tel.summit.MTMount.0.azimuth&field=actualPosition')
    ]
  ]
  for (const [schema, { status, body }] of answers)
    t.same(Errors(schema, body)[1], [], `${status} ${JSON.stringify(body).slice(0, 60)}`)
})

t.test('junk beside the stages of a command is left out of its record, and counted', async t => {
  const { id } = (await moved()).intake
  const subject = ackOf({ site: SITE, csc: 'MTMount', index: 0 }, id)
  for (const junk of ['junk', '{}', JSON.stringify({ id, state: 'failed' })])
    await append(broker, { subject, data: new TextEncoder().encode(junk) })
  const { status, body } = await get<CommandHistory>(address, `/api/commands/${id}`)
  t.equal(status, 200)
  t.equal(body.state, 'complete')
  t.same(
    body.stages.map(({ state }) => state),
    ['dispatching', 'inProgress', 'complete']
  )
  const metrics = await (await fetch(`${address}/metrics`)).text()
  t.match(metrics, /^meridian_api_bad_records_total\S* 3$/m)
  const forged = newId()
  const intake = `intake.${SITE}.0.MTMount.0.${forged}`
  await append(broker, { subject: intake, data: new TextEncoder().encode('{"params":{}}') })
  const answer = await get(address, `/api/commands/${forged}`)
  t.match(answer, { status: 500, body: { error: { code: 'CMD_BAD_RECORD' } } })
})

interface DescribedRoute {
  readonly responses?: object
  readonly parameters?: readonly { name: string; required: boolean; description?: string; schema?: object }[]
}

t.test('every route is described', async t => {
  const { body } = await get<{ paths: Record<string, Record<string, DescribedRoute>> }>(
    address,
    '/api/openapi.json'
  )
  t.same(Object.keys(body.paths).sort(), [
    '/api/audit',
    '/api/catalogue',
    '/api/catalogue/{csc}',
    '/api/commands',
    '/api/commands/{id}',
    '/api/events',
    '/api/history',
    '/api/me',
    '/api/me/password',
    '/api/openapi.json',
    '/api/session',
    '/api/session/oidc',
    '/api/session/oidc/callback',
    '/api/session/oidc/end',
    '/api/session/refresh',
    '/api/session/token',
    '/api/session/way',
    '/api/sessions',
    '/api/sessions/{id}',
    '/api/site',
    '/api/snapshot',
    '/api/tokens',
    '/api/tokens/{id}',
    '/api/users',
    '/api/users/first',
    '/api/users/{name}',
    '/live/events'
  ])
  for (const route of Object.values(body.paths))
    for (const { responses } of Object.values(route)) t.ok(Object.keys(responses ?? {}).length > 0)
  for (const [path, route] of Object.entries(body.paths))
    if (path !== '/live/events')
      for (const { responses } of Object.values(route)) t.match(responses, { 429: {} }, path)
  const asked = body.paths['/live/events']?.['get']?.parameters ?? []
  t.same(
    asked.filter(({ required }) => required).map(({ name }) => name),
    ['topics']
  )
  t.same(
    asked.map(({ name }) => name),
    [...Object.keys(liveEventsQuerySchema.properties), 'Last-Event-ID'],
    'what a gateway checks, and the header'
  )
  t.ok(asked.every(({ description, schema }) => description && schema))
})

t.test(
  "the console's page is asked for each time, its hashed files are kept, its addresses lead to the page",
  async t => {
    const page = await fetch(`${address}/`)
    t.match(await page.text(), /<title>console/)
    t.equal(page.headers.get('cache-control'), 'no-cache')
    t.match(page.headers.get('content-security-policy'), /default-src 'self'/)
    t.notMatch(page.headers.get('content-security-policy'), /unsafe/, 'nothing inline, nothing evaluated')
    t.equal(page.headers.get('x-content-type-options'), 'nosniff')
    const asset = await fetch(`${address}/assets/app-1a2b3c4d.js`)
    t.match(asset.headers.get('cache-control'), /immutable/)
    t.match(asset.headers.get('content-type'), /javascript/)
    const deep = await fetch(`${address}/instance/MTMount/0`, { headers: { accept: 'text/html' } })
    t.match(await deep.text(), /<title>console/)
    t.equal((await get(address, '/assets/gone-00000000.js')).body.error?.code, 'NET_NO_ROUTE')
    for (const [accepted, sent] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', null]
    ] as const) {
      const headers = { 'accept-encoding': accepted }
      const small = await fetch(`${address}/assets/app-1a2b3c4d.js`, { headers })
      t.equal(small.headers.get('content-encoding'), sent, accepted)
      t.match(small.headers.get('vary'), 'accept-encoding')
      t.match(small.headers.get('cache-control'), /immutable/)
      t.match(small.headers.get('content-type'), /javascript/)
      t.equal(await small.text(), script)
    }
  }
)

t.test('metrics and the micro protocol tell of the door', async t => {
  const metrics = await (await fetch(`${address}/metrics`)).text()
  t.match(
    metrics,
    /meridian_api_request_seconds_count\{service="api",route="\/api\/commands",status="202"\} \d/
  )
  const answer = await broker.request('$SRV.INFO.api', '', { timeoutMs: 2_000 })
  t.match(JSON.parse(answer.text()), { name: 'api' })
})

t.test('SIGTERM: who waits gets an answer, exit 0', async t => {
  const before = executions.length
  const waiting = post<CommandAccepted>(address, '/api/commands?wait=30', {
    ...move,
    params: { azimuth: 40, elevation: 60 }
  })
  await waitFor(() => executions.length > before, { what: 'the command runs' })
  api.child.kill('SIGTERM')
  const { status, body } = await waiting
  t.equal(status, 202)
  t.equal(body.state, 'accepted')
  t.equal(await api.gone, 0)
})
