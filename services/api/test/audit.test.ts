/** What was done and refused can be read by whoever may manage users, and by nobody else. */
import { append } from '@meridian/broker'
import { type AuditAnswer, auditSchema } from '@meridian/protocol/http'
import { startSiteService, waitFor } from '@meridian/testing'
import t from 'tap'
import { Errors } from 'typebox/schema'
import { get, openSite, post } from './harness.ts'

const { nats, broker } = await openSite(t, { buckets: true })
const api = await startSiteService('api', nats, { AUTH_MODE: 'local' })
t.teardown(() => api.stop())
const { address } = api
const password = 'correct horse battery'

const firstToken = await waitFor(
  () => /"token":"([^"]+)"/.exec(api.lines.find(line => line.includes('"token"')) ?? '')?.[1],
  { what: 'the token for the first user' }
)
await post(address, '/api/users/first', { token: firstToken, name: 'ada', password })

async function logIn(name: string): Promise<string> {
  const { body } = await post<{ token: string }>(address, '/api/session', { name, password, cookies: false })
  return body.token
}

const ada = await logIn('ada')
const asAda = { authorization: `Bearer ${ada}` }

const audit = async (query = '', headers: Record<string, string> = asAda) =>
  get<AuditAnswer>(address, `/api/audit${query}`, { headers })
const told = async (query = '') =>
  (await audit(query)).body.records.map(({ what, name, by }) => [what, name, by])

t.test('changes are announced before they are made, and log-ins stand there with their address', async t => {
  const made = await get(address, '/api/users', {
    method: 'POST',
    headers: { ...asAda, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bob', password, roles: ['viewer'] })
  })
  t.equal(made.status, 201)
  await post(address, '/api/session', { name: 'bob', password: 'not his password' })
  await waitFor(async () => (await told('?what=log-in-refused')).length > 0, { what: 'the refusal' })
  const { status, body } = await audit()
  t.equal(status, 200)
  t.strictSame(Errors(auditSchema, body)[1], [])
  t.strictSame((await told('?name=bob')).slice(0, 3), [
    ['log-in-refused', 'bob', undefined],
    ['user-made', 'bob', 'ada'],
    ['user-change-asked', 'bob', 'ada']
  ])
  t.match(await told('?what=log-in'), [['log-in', 'ada']])
  t.match(await audit('?what=log-inn'), {
    status: 400,
    body: { error: { code: 'NET_BAD_REQUEST', message: /one of log-in, .*did you mean 'log-in'/ } }
  })
  t.match(body.records[0], { address: '127.0.0.1', code: /^AUT_/, process: /^api-/ })
  t.notMatch(JSON.stringify(body), /horse|not his/)
})

t.test('a list is as long as it was asked for, and begins where it was asked to', async t => {
  const { body } = await audit('?limit=1')
  t.match(body, { complete: false, records: [{}] })
  const [newest] = body.records
  t.equal((await audit(`?from=${newest?.time}`)).body.records.length, 1)
  t.match(await audit('?limit=0'), { status: 400 })
  t.match(await audit('?from=yesterday'), { status: 400, body: { error: { code: 'API_BAD_RANGE' } } })
  t.match(await audit('?colour=red'), { status: 400 })
})

t.test('older ones come page by page, each record once', async t => {
  const all = (await audit()).body.records
  const seen: object[] = []
  for (let before = ''; seen.length <= all.length; ) {
    const { body } = await audit(`?limit=2${before}`)
    seen.push(...body.records)
    if (body.complete) break
    t.ok(body.older)
    before = `&before=${body.older}`
  }
  t.strictSame(seen, all)
  t.match(await audit('?before=first'), { status: 400 })
})

t.test('refusals alone, and a range of time', async t => {
  const { records } = (await audit('?refused=true')).body
  t.ok(records.length > 0 && records.every(({ code }) => code !== undefined))
  const all = (await audit()).body.records
  const [newest, , third] = all
  const between = `?from=${third?.time.toFixed(9)}&to=${((newest?.time ?? 0) - 1e-5).toFixed(9)}`
  const within = (await audit(between)).body
  t.ok(within.complete)
  t.ok(within.records.length > 0 && within.records.length < all.length)
  t.ok(within.records.every(({ time }) => time < (newest?.time ?? 0)))
  t.strictSame((await audit('?to=1')).body, { complete: true, records: [] })
})

t.test('a process whose clock is wrong by hours ends no list, and equal records are told apart', async t => {
  const { body } = await audit()
  const since = body.records.at(-1)?.time ?? 0
  const record = { time: since - 7_200, what: 'log-in', process: 'slow-1', name: 'ada' }
  for (let n = 0; n < 2; n++)
    await append(broker, { subject: 'audit.summit.log-in', data: JSON.stringify(record) })
  const listed = (await audit(`?from=${since.toFixed(9)}&limit=1`)).body
  t.match(listed.older, /./, 'what stands before it is looked for')
  const { records } = (await audit()).body
  t.equal(new Set(records.map(({ seq }) => seq)).size, records.length)
  t.match(records.slice(0, 2), [record, record])
})

t.test('who may not manage users does not read it, in whichever way', async t => {
  t.match(await audit('', {}), { status: 401, body: { error: { code: 'AUT_NO_TOKEN' } } })
  const bob = { authorization: `Bearer ${await logIn('bob')}` }
  t.match(await audit('', bob), { status: 403, body: { error: { code: 'AUT_NOT_MANAGER' } } })
  await waitFor(async () => (await told('?what=manage-refused')).length > 0, { what: 'the refusal' })
  t.match((await audit('?what=manage-refused&name=bob')).body.records, [
    { name: 'bob', about: ['/api/audit'], code: 'AUT_NOT_MANAGER', address: '127.0.0.1' }
  ])
  const snapshot = await get(address, '/api/snapshot?topics=audit.summit.log-in', { headers: bob })
  t.equal(snapshot.status, 400)
})

t.test(
  'what gives rights is not done where it cannot be written; what takes them is, and people still log in',
  async t => {
    const ask = async (call: string, body: object = {}) =>
      JSON.parse(
        (
          await broker.request(`$JS.API.STREAM.${call}.AUDIT`, JSON.stringify(body), { timeoutMs: 2_000 })
        ).text()
      )
    const asked = <T>(method: string, path: string, body?: object) =>
      get<T>(address, path, {
        method,
        headers: { ...asAda, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) })
      })
    const eve = { name: 'eve', password, roles: ['viewer', 'operator'] }
    t.match(await asked('POST', '/api/users', eve), { status: 201 })
    const { config } = await ask('INFO')
    await ask('UPDATE', { ...config, max_bytes: 10 })
    const full = { status: 503, body: { error: { code: 'BRK_STREAM_FULL' } } }
    const change = () => asked('PATCH', '/api/users/bob', { roles: ['operator'] })
    t.match(await change(), full)
    const { body } = await get<{ users: { name: string; roles: string[] }[] }>(address, '/api/users', {
      headers: asAda
    })
    t.strictSame(body.users.find(({ name }) => name === 'bob')?.roles, ['viewer'])
    t.ok(await logIn('bob'), 'a log-in is never refused for it')

    const eveIs = (changes: object) => asked('PATCH', '/api/users/eve', changes)
    t.match(await asked('POST', '/api/users', { ...eve, name: 'mallory' }), full)
    t.match(await asked('POST', '/api/tokens', { name: 'x', scopes: ['read'] }), full)
    t.match(await eveIs({ disabled: true, roles: ['administrator'] }), full)
    t.match(await eveIs({ roles: ['viewer'] }), { status: 200, body: { roles: ['viewer'] } })
    const disabled = { status: 200, body: { disabled: true } }
    t.match(
      await eveIs({ disabled: true, roles: ['viewer'], fullName: 'Eve' }),
      disabled,
      'as the console says it'
    )
    t.match(await eveIs({ disabled: false }), full)
    t.match(await post(address, '/api/session', { name: 'eve', password }), { status: 401 })
    t.match(await asked('DELETE', '/api/users/eve'), { status: 204 })
    const metrics = await (await fetch(`${address}/metrics`)).text()
    t.match(metrics, /^meridian_auth_audit_unannounced_total(\{[^}]*\})? 3$/m)
    const toldAtOnce = () => api.lines.filter(line => /"level":50.*rights were taken away/.test(line))
    await waitFor(() => toldAtOnce().length === 3, { what: 'a line for each right that was taken away' })

    await ask('UPDATE', config)
    t.match(await change(), { status: 200 })
    const ofEve = async (kind: string) => (await told(`?name=eve&what=${kind}`)).length
    const isAllThere = async () =>
      (await ofEve('user-change-asked')) === 4 && (await ofEve('user-removed')) === 1
    await waitFor(isAllThere, { what: 'all that waited' })
  }
)

t.test(
  'a user whose record cannot be read is listed as such, removed, and replaced if nobody else manages users',
  async t => {
    interface Listed {
      readonly users: readonly { readonly name: string }[]
      readonly unreadable: readonly object[]
    }
    const list = async () => (await get<Listed>(address, '/api/users', { headers: asAda })).body
    const spoil = async (name: string) => {
      await broker.request(`$KV.auth_users.${name}`, '{"type":"ping_response"}', { timeoutMs: 2_000 })
      await waitFor(async () => (await list()).unreadable.length > 0, { what: `the spoilt ${name}` })
    }
    await spoil('bob')
    t.match(await list(), { users: [{ name: 'ada' }], unreadable: [{ name: 'bob', code: 'AUT_BAD_RECORD' }] })
    t.match(await get(address, '/api/users/bob', { method: 'DELETE', headers: asAda }), { status: 204 })
    await waitFor(async () => (await list()).unreadable.length === 0, { what: 'the removal' })

    const first = async () => (await get(address, '/api/users/first')).body
    t.same(await first(), { wanted: false, others: true })
    const vic = { name: 'vic', password, roles: ['viewer'] }
    const init = { headers: { ...asAda, 'content-type': 'application/json' }, body: JSON.stringify(vic) }
    t.match(await get(address, '/api/users', { method: 'POST', ...init }), { status: 201 })
    await spoil('ada')
    t.same(await first(), { wanted: true, others: true }, 'a viewer can log in, and nobody can manage users')
    const next = await startSiteService('api', nats, { AUTH_MODE: 'local' })
    t.teardown(() => next.stop())
    const token = await waitFor(() => /"token":"([^"]+)"/.exec(next.lines.join('\n'))?.[1], {
      what: 'a token'
    })
    const makeFirst = (name: string) => post(next.address, '/api/users/first', { token, name, password })
    t.match(
      await makeFirst('ada'),
      { status: 500, body: { error: { code: 'AUT_BAD_RECORD' } } },
      'her name is taken'
    )
    t.match(await makeFirst('eve'), { status: 201 })
    const { body } = await post<{ token: string }>(next.address, '/api/session', {
      name: 'eve',
      password,
      cookies: false
    })
    const headers = { authorization: `Bearer ${body.token}` }
    t.match(await get(next.address, '/api/users/ada', { method: 'DELETE', headers }), { status: 204 })
  }
)
