import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { append } from '@meridian/broker'
import { COMMAND_SIZES, type CommandAccepted, type CommandHistory } from '@meridian/protocol/commands'
import {
  acceptedSchema,
  catalogueSchema,
  componentSchema,
  type EndedAnswer,
  errorSchema,
  historySchema,
  recordSchema,
  type SiteAnswer,
  siteSchema
} from '@meridian/protocol/http'
import { ackOf } from '@meridian/subjects'
import { type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Errors } from 'typebox/schema'
import { ulid } from 'ulid'
import { get, openSite, post, SITE, startComponent, store } from './harness.ts'

const root = t
const { broker, nats } = await openSite(t)

const folder = mkdtempSync(join(tmpdir(), 'meridian-console-'))
t.teardown(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>')
const script = 'export {}'
const scriptFile = join(folder, 'assets', 'app-1a2b3c4d.js')
writeFileSync(scriptFile, script)
writeFileSync(`${scriptFile}.br`, brotliCompressSync(script))
writeFileSync(`${scriptFile}.gz`, gzipSync(script))

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
  const { body } = await waitFor(
    async () => {
      const answer = await post<CommandHistory>(address, '/api/commands?wait=2', move)
      return answer.status === 200 ? answer : undefined
    },
    { what: 'the mount is heard' }
  )
  t.equal(body.state, 'complete')
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

t.test('whatever a client sends wrong is answered with a code', async t => {
  const json = { 'content-type': 'application/json' }
  const raw = (body: string, headers: Record<string, string> = json) =>
    get(address, '/api/commands', { method: 'POST', headers, body })
  const deep = `{"csc":"MTMount","index":0,"command":"stop","params":{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`
  t.match(await raw(deep), { status: 400, body: { error: { code: 'CMD_BAD_REQUEST' } } })
  const long = await raw(JSON.stringify({ ...move, params: { x: 'y'.repeat(100_000) } }))
  t.match(long.body, { error: { facts: { limitBytes: COMMAND_SIZES.payloadBytes } } })
  const misspelt = await raw(JSON.stringify({ ...move, parms: {} }))
  t.match(misspelt.body, { error: { code: 'CMD_BAD_REQUEST', message: /'parms' is not one of csc, index/ } })
  const cases: [Awaited<ReturnType<typeof raw>>, number, string][] = [
    [await raw('{"csc":'), 400, 'CMD_BAD_REQUEST'],
    [await raw(''), 400, 'CMD_BAD_REQUEST'],
    [await raw('{"__proto__":{"x":1}}'), 400, 'CMD_BAD_REQUEST'],
    [await raw('{}', { 'content-type': 'text/plain' }), 415, 'NET_BAD_TYPE'],
    [await raw('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'NET_BAD_TYPE'],
    [await raw(JSON.stringify(move), { 'content-type': 'text/plain' }), 415, 'NET_BAD_TYPE'],
    [await raw('\u0000\u0001', { 'content-type': 'application/octet-stream' }), 415, 'NET_BAD_TYPE'],
    [long, 413, 'CMD_TOO_LARGE'],
    [await raw('[]'), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, index: '0' })), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, csc: 'A.B' })), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, id: 'SHORT' })), 400, 'CMD_BAD_ID'],
    [await raw(JSON.stringify({ ...move, principal: 'root' })), 400, 'CMD_BAD_REQUEST'],
    [await get(address, '/api/commands/not-an-id'), 400, 'NET_BAD_REQUEST'],
    [await get(address, `/api/commands/${newId()}`), 404, 'CMD_NOT_FOUND'],
    [await get(address, `/api/commands/${newId()}?wait=soon`), 400, 'NET_BAD_REQUEST'],
    [await get(address, '/api/nothing'), 404, 'NET_NO_ROUTE'],
    [await get(address, '/api/%E0%A4%A'), 400, 'NET_BAD_REQUEST'],
    [await get(address, '/api/commands', { method: 'DELETE' }), 405, 'NET_BAD_METHOD'],
    [await get(address, '/api/catalogue/Nope'), 404, 'API_UNKNOWN_COMPONENT'],
    [await get(address, '/..%2f..%2fetc/passwd'), 404, 'NET_NO_ROUTE']
  ]
  for (const [{ status, body }, wanted, code] of cases) {
    t.equal(body.error?.code, code, `${code}: ${body.error?.message}`)
    t.equal(status, wanted)
    t.equal(typeof body.error?.canRetry, 'boolean')
  }
  const answerTo = (request: string): Promise<string> =>
    new Promise(resolve => {
      const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(request))
      let text = ''
      socket.on('data', chunk => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
    })
  t.match(await answerTo('hello\r\n\r\n'), /400 Bad Request[\s\S]*NET_BAD_REQUEST/)
  const headers = `X-Long: ${'x'.repeat(40_000)}`
  t.match(
    await answerTo(`GET /api/catalogue HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`),
    /431 Request Header Fields Too Large[\s\S]*NET_HEADERS_TOO_LARGE/
  )
  t.equal((await get(address, '/livez')).status, 200)
})

t.test('a refusal says in words what was expected and what was probably meant', async t => {
  const said = async (path: string): Promise<string | undefined> =>
    (await get(address, path)).body.error?.message
  for (const [path, wanted] of [
    ['/api/nothing', /GET \/api\/nothing; \/api\/openapi\.json lists those that exist/],
    ['/api/catalogue/mtmount', /'mtmount'; did you mean 'MTMount'\?/],
    ['/api/commands/not-an-id', /'id' is 'not-an-id'; expected: a ULID in lower case/],
    [`/api/commands/${newId()}?wait=soon`, /'wait' is 'soon'; expected: seconds, 0 to 60/],
    [`/api/commands/${newId()}?wait=61`, /'wait' is '61'; expected: seconds, 0 to 60/],
    ['/api/history?topic=tel.summit.MTMount.0.azimut&field=x', /'azimut'; did you mean 'azimuth'\?/],
    ['/api/history?topic=tel.summit.MTMuont.0.azimuth&field=x', /'MTMuont'; did you mean 'MTMount'\?/],
    [
      '/api/history?topic=tel.summit.MTMount.0.azimuth&field=actualPositon',
      /did you mean 'actualPosition'\?/
    ],
    [
      '/api/history?topic=tel.summit.MTMount.0.azimuth&field=x&points=5001',
      /'points' is '5001'; expected: a whole number, 1 to 5000/
    ]
  ] as const)
    t.match(await said(path), wanted, path)
  const { body } = await post(address, '/api/commands', { ...move, csc: 'A.B' })
  t.match(body.error?.message, /is not a name of 1 to 120 letters, digits/)
  t.notMatch(body.error?.message, /\^/, 'no regular expression')
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
  const id = newId()
  await post(address, '/api/commands', { ...move, id })
  const subject = ackOf({ site: SITE, csc: 'MTMount', index: 0 }, id)
  await get(address, `/api/commands/${id}?wait=5`)
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

t.test('every route is described', async t => {
  const { body } = await get<{ paths: Record<string, Record<string, { responses?: object }>> }>(
    address,
    '/api/openapi.json'
  )
  t.same(Object.keys(body.paths).sort(), [
    '/api/catalogue',
    '/api/catalogue/{csc}',
    '/api/commands',
    '/api/commands/{id}',
    '/api/events',
    '/api/history',
    '/api/openapi.json',
    '/api/site',
    '/api/snapshot'
  ])
  for (const route of Object.values(body.paths))
    for (const { responses } of Object.values(route)) t.ok(Object.keys(responses ?? {}).length > 0)
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

interface History {
  readonly buckets: [number, number, number, number][]
  readonly complete: boolean
  readonly readFrom: number | null
  readonly heldFrom: number | null
  readonly from: number
  readonly to: number
}
const history = (query: Record<string, string | number>) =>
  get<History>(address, `/api/history?${new URLSearchParams(query as Record<string, string>)}`)

/** What the buckets must be, computed the slow way. */
function bruteForce(
  values: { time: number; value: number }[],
  from: number,
  to: number,
  points: number
): number[][] {
  const width = (to - from) / points
  return Array.from({ length: points }, (_, i) => {
    const isLast = i === points - 1
    const inside = values.filter(
      ({ time }) =>
        time >= from && time <= to && (Math.floor((time - from) / width) === i || (isLast && time === to))
    )
    const numbers = inside.map(({ value }) => value).filter(value => !Number.isNaN(value))
    return [from + i * width, Math.min(...numbers), Math.max(...numbers), inside.length]
  }).filter(([, , , count]) => count !== 0)
}

t.test('history has the least and greatest value of each bucket', async t => {
  const now = taiSecondsOf(Date.now())
  const topic = `tel.${SITE}.MTMount.0.azimuth`
  const samples = Array.from({ length: 500 }, (_, i) => ({
    time: now - 100 + i * 0.2,
    fields: {
      actualPosition: i === 77 ? Number.NaN : 40 * Math.sin(i / 9),
      actualVelocity: -i,
      demandPosition: i
    }
  }))
  await store(broker, topic, samples)
  const [from, to, points] = [now - 90, now - 10, 37]
  const { status, body } = await history({ topic, field: 'actualPosition', from, to, points })
  t.equal(status, 200)
  const values = samples.map(({ time, fields }) => ({ time, value: fields.actualPosition }))
  t.same(body.buckets, bruteForce(values, from, to, points))
  t.equal(body.complete, true)
  t.ok(Math.abs((body.heldFrom ?? 0) - (now - 100)) < 1e-3)
  const iso = new Date((from - 37) * 1000).toISOString()
  const byIso = await history({ topic, field: 'actualPosition', from: iso, to, points })
  t.ok(Math.abs(byIso.body.from - from) < 0.002, 'an ISO time is UTC')
})

t.test(
  'history reads elements of arrays, booleans, keyed subjects and devices that no catalogue knows',
  async t => {
    const now = taiSecondsOf(Date.now())
    const times = Array.from({ length: 30 }, (_, i) => now - 30 + i)
    const forces = `tel.${SITE}.MTM1M3.0.forceActuatorData`
    await store(
      broker,
      forces,
      times.map((time, i) => ({ time, fields: { xForce: [0, 1, 2, i] } }))
    )
    const element = await history({
      topic: forces,
      field: 'xForce',
      index: 3,
      from: now - 40.5,
      to: now - 0.5,
      points: 4
    })
    t.same(
      element.body.buckets.map(([, min, max, count]) => [min, max, count]),
      [
        [0, 9, 10],
        [10, 19, 10],
        [20, 29, 10]
      ]
    )
    t.equal(
      element.body.buckets.reduce((sum, [, , , count]) => sum + count, 0),
      30
    )

    const event = `evt.${SITE}.MTMount.0.azimuthInPosition`
    await store(
      broker,
      event,
      times.slice(0, 2).map((time, i) => ({ time, fields: { inPosition: i === 1 } }))
    )
    const boolean = await history({ topic: event, field: 'inPosition', from: now - 40, to: now, points: 1 })
    t.match(boolean.body.buckets, [[now - 40, 0, 1, 2]])

    const device = `tel.${SITE}.Greenhouse.0.climate.north=2Dwall`
    await store(broker, device, [{ time: now - 5, fields: { celsius: 21.5, name: 'x' } }])
    const unknown = await history({ topic: device, field: 'celsius', from: now - 40, to: now })
    t.match(unknown.body.buckets, [[Number, 21.5, 21.5, 1]])
    t.equal((await history({ topic: device, field: 'name' })).body.error?.code, 'API_NOT_NUMERIC')
    t.equal((await history({ topic: device, field: 'kelvin' })).body.error?.code, 'API_UNKNOWN_FIELD')
  }
)

t.test(
  'a history too large for one request lacks its oldest part, and says from where on it was read',
  async t => {
    const now = taiSecondsOf(Date.now())
    const topic = `tel.${SITE}.MTRotator.0.rotation`
    const samples = Array.from({ length: 3_200 }, (_, i) => ({
      time: now - 320 + i / 10,
      fields: { actualPosition: i }
    }))
    await store(broker, topic, samples)
    const [from, points] = [now - 400, 10]
    const { body } = await history({ topic, field: 'actualPosition', from, to: now, points })
    t.equal(body.complete, false)
    const newest = samples.slice(-3_000).map(({ time, fields }) => ({ time, value: fields.actualPosition }))
    t.same(body.buckets, bruteForce(newest, body.from, body.to, points))
    t.equal(body.readFrom, newest[0]?.time)
    t.equal(body.heldFrom, samples[0]?.time)
    const part = await history({ topic, field: 'actualPosition', from: now - 100, to: now, points })
    t.equal(part.body.complete, false, 'all were stored just now, so the part is not found by its stamps')
    const wanted = newest.filter(({ time }) => time >= part.body.from)
    t.same(
      part.body.buckets,
      bruteForce(wanted, part.body.from, part.body.to, points),
      'though nothing of it is missing'
    )
  }
)

t.test('a history that cannot be is refused with a code', async t => {
  const topic = `tel.${SITE}.MTMount.0.azimuth`
  const cases: [Record<string, string | number>, string][] = [
    [{ topic, field: 'actualPosition', from: 'yesterday' }, 'API_BAD_RANGE'],
    [{ topic, field: 'actualPosition', from: 20, to: 10 }, 'API_BAD_RANGE'],
    [{ topic, field: 'actualPosition', points: 9_999 }, 'NET_BAD_REQUEST'],
    [{ topic, field: 'a b' }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: '' }, 'NET_BAD_REQUEST'],
    [{ topic, field: 'actualPosition', from: '2026-02-30' }, 'API_BAD_RANGE'],
    [{ topic }, 'NET_BAD_REQUEST'],
    [{ topic: 'tel.>', field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic: `cmd.${SITE}.MTMount.0.stop`, field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic: 'tel.base.MTMount.0.azimuth', field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic, field: 'altitude' }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: 'actualPosition', index: 2 }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: 'actualPosition', index: 0 }, 'API_UNKNOWN_FIELD'],
    [{ topic: `tel.${SITE}.MTMount.0.azimut`, field: 'x' }, 'API_UNKNOWN_TOPIC'],
    [{ topic: `tel.${SITE}.mtmount.0.azimuth`, field: 'x' }, 'API_UNKNOWN_COMPONENT'],
    [{ topic: `tel.${SITE}.MTM1M3.0.forceActuatorData`, field: 'xForce' }, 'API_NOT_NUMERIC'],
    [{ topic: `evt.${SITE}.MTMount.0.errorCode`, field: 'errorReport' }, 'API_NOT_NUMERIC']
  ]
  for (const [query, code] of cases)
    t.equal((await history(query)).body.error?.code, code, JSON.stringify(query))
  const never = await history({ topic: `tel.${SITE}.MTMount.0.elevation`, field: 'actualPosition' })
  t.match(never.body, { buckets: [], complete: true, heldFrom: null })
})

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
