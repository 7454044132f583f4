/** Personal tokens at the real doors: made once, narrowed by scopes and roles, ended everywhere within moments. */
import {
  type AuditAnswer,
  type LoggedInAnswer,
  type MadePersonalTokenAnswer,
  type MeAnswer,
  madePersonalTokenSchema,
  type PersonalTokensAnswer,
  personalTokensSchema,
  type UserAnswer
} from '@meridian/protocol/http'
import { type ServiceProcess, waitFor } from '@meridian/testing'
import t from 'tap'
import { Errors } from 'typebox/schema'
import { get, openSite, post, startComponent } from './harness.ts'
import { localApi, PASSWORD, startLocal } from './local-users.ts'

const MOVE = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 0, elevation: 60 } }

const { broker, nats } = await openSite(t, { buckets: true })
const start = (name: string) => startLocal(t, nats, name)
const [api, other, gateway, commander] = await Promise.all([
  ...([start('api'), start('api'), start('gateway'), start('commander')] as const)
])
const mount = startComponent(broker, 'MTMount', (_request, reply) => reply({ ack: 303, result: 'Done' }))
t.teardown(() => mount.stop())

const { ask, logIn, makeFirst } = localApi(api)
const refused = (status: number, code: string) => ({ status, body: { error: { code } } })
const lines = () => [api, other].flatMap(one => one.lines)
await makeFirst([api, other])
const asRoot = await logIn('root')
await ask('POST', '/api/users', asRoot, { name: 'ada', password: PASSWORD, roles: ['operator'] })
let asAda = await logIn('ada')

async function make(scopes: readonly string[], name = 'night plan'): Promise<MadePersonalTokenAnswer> {
  const made = await ask<MadePersonalTokenAnswer>('POST', '/api/tokens', asAda, { name, scopes })
  if (made.status !== 201) throw new Error(made.body.error?.message)
  return made.body
}

const reader = await make(['read'])
const both = await make(['read', 'command'], 'scheduler')

t.test('what is asked for in a wrong way is refused', async t => {
  t.same(Errors(madePersonalTokenSchema, reader)[1], [])
  const good = { name: 'x', scopes: ['read'] }
  for (const changed of [
    ...[{ name: '' }, { name: 'a\nb' }, { name: 'x'.repeat(61) }, { scopes: [] }, { scopes: ['users'] }],
    ...[{ days: 0 }, { days: 366 }, { days: 1.5 }, { user: 'root' }]
  ]) {
    const { status } = await ask('POST', '/api/tokens', asAda, { ...good, ...changed })
    t.equal(status, 400, JSON.stringify(changed))
  }
  t.match(await get(api.address, '/api/tokens'), refused(401, 'AUT_NO_TOKEN'))
})

t.test(
  'a scope of which the roles of a user allow nothing is refused, with the roles that would do',
  async t => {
    await ask('POST', '/api/users', asRoot, { name: 'vera', password: PASSWORD, roles: ['viewer'] })
    const asVera = await logIn('vera')
    const wanted = (scopes: readonly string[]) =>
      ask('POST', '/api/tokens', asVera, { name: 'night plan', scopes })
    const denied = await wanted(['read', 'command'])
    t.match(denied, refused(403, 'AUT_EMPTY_SCOPE'))
    t.match(denied.body.error, {
      message: /'command' of vera, whose roles are viewer; it needs operator/,
      facts: { scope: 'command', roles: ['operator'] }
    })
    t.match(await wanted(['read']), { status: 201 })
  }
)

t.test('the api takes it as it is, at once and at every api, with the rights that are left', async t => {
  for (const at of [api, other])
    t.match(await ask<MeAnswer>('GET', '/api/me', reader.token, undefined, at), {
      status: 200,
      body: { name: 'ada', roles: ['operator'], scopes: ['read'] }
    })
  t.match(await ask('GET', '/api/snapshot?topics=hb.summit.MTMount.0', reader.token), { status: 200 })
  const done = () => ask<{ state: string }>('POST', '/api/commands?wait=5', both.token, MOVE)
  await waitFor(async () => (await done()).body.state === 'complete', { what: 'the command is done' })
  const denied = await ask('POST', '/api/commands', reader.token, MOVE)
  t.match(denied, refused(403, 'CMD_NOT_ALLOWED'))
  t.match(denied.body.error?.message, /without the scope 'command'/)
})

t.test('without the scope read it commands and reads nothing but the records of its user', async t => {
  const { token } = await make(['command'])
  const denied = await ask('GET', '/api/snapshot?topics=hb.summit.MTMount.0', token)
  t.match(denied, refused(403, 'AUT_NOT_READABLE'))
  t.match(denied.body.error?.message, /without the scope 'read'/)
  const { status, body } = await ask<{ id: string }>('POST', '/api/commands', token, MOVE)
  t.equal(status, 202)
  t.equal((await ask('GET', `/api/commands/${body.id}`, token)).status, 200)
})

t.test('with it nobody makes a token, ends a session, or manages users, whatever his roles', async t => {
  const made = await ask<MadePersonalTokenAnswer>('POST', '/api/tokens', asRoot, {
    ...{ name: 'of root', scopes: ['read'], days: 365 }
  })
  const { token } = made.body
  t.match(await ask<MeAnswer>('GET', '/api/me', token), { body: { roles: ['administrator'] } })
  const exchanged = await post<LoggedInAnswer>(api.address, '/api/session/token', { token })
  t.match(exchanged, { status: 200, body: { name: 'root', roles: ['administrator'] } })
  t.equal(exchanged.body.refresh, undefined)
  for (const shown of [token, exchanged.body.token]) {
    const cases: readonly [method: string, path: string, body?: object][] = [
      ['POST', '/api/tokens', { name: 'x', scopes: ['read'] }],
      ['GET', '/api/tokens'],
      ['DELETE', `/api/tokens/${reader.personalToken.id}`],
      ['GET', '/api/sessions'],
      ['GET', '/api/users'],
      ['PATCH', '/api/users/ada', { roles: [] }],
      ['POST', '/api/me/password', { old: PASSWORD, new: `${PASSWORD} two` }]
    ]
    for (const [method, path, body] of cases)
      t.match(await ask(method, path, shown, body), refused(403, 'AUT_NOT_FOR_TOKENS'), `${method} ${path}`)
    t.match(await ask('GET', '/api/audit', shown), refused(403, 'AUT_NOT_MANAGER'))
    await ask('DELETE', '/api/session', shown, {})
    t.equal((await ask('GET', '/api/me', shown)).status, 200, 'a program does not log out')
  }
})

t.test('a gateway takes what it is exchanged for, and says so of the token itself', async t => {
  const live = (token: string) =>
    fetch(`${gateway.address}/live/events?topics=hb.summit.MTMount.0`, {
      headers: { authorization: `Bearer ${token}` }
    })
  const denied = await live(reader.token)
  t.equal(denied.status, 401)
  t.match(await denied.text(), /AUT_BAD_TOKEN.*POST \/api\/session\/token/)
  const { body } = await post<LoggedInAnswer>(other.address, '/api/session/token', { token: reader.token })
  const taken = await live(body.token)
  t.equal(taken.status, 200)
  await taken.body?.cancel()
})

t.test('its list shows no secret; whoever may manage users sees those of all', async t => {
  const own = await ask<PersonalTokensAnswer>('GET', '/api/tokens', asAda)
  t.same(Errors(personalTokensSchema, own.body)[1], [])
  t.notMatch(JSON.stringify(own.body), /[Hh]ash|mrd_/)
  const named = own.body.tokens.find(({ id }) => id === both.personalToken.id)
  t.match(named, { user: 'ada', name: 'scheduler', usedFrom: '127.0.0.1' })
  t.ok(own.body.tokens.every(({ user }) => user === 'ada'))
  const all = await ask<PersonalTokensAnswer>('GET', '/api/tokens', asRoot)
  t.same(new Set(all.body.tokens.map(({ user }) => user)), new Set(['ada', 'root', 'vera']))
  const [ofRoot] = all.body.tokens.filter(({ user }) => user === 'root')
  t.match(await ask('DELETE', `/api/tokens/${ofRoot?.id}`, asAda), refused(404, 'AUT_UNKNOWN_PERSONAL_TOKEN'))
})

t.test('a role that is taken away is gone from the token at the next request', async t => {
  const roles = (names: readonly string[]) => ask('PATCH', '/api/users/ada', asRoot, { roles: names })
  t.match(await roles(['viewer']), { status: 200 })
  await waitFor(
    async () =>
      (await ask<MeAnswer>('GET', '/api/me', both.token, undefined, other)).body.roles[0] === 'viewer',
    { what: 'the end of the access token is known' }
  )
  t.match(await ask('POST', '/api/commands', both.token, MOVE, other), refused(403, 'CMD_NOT_ALLOWED'))
  await roles(['operator'])
  asAda = await logIn('ada')
})

t.test('who revokes it ends every connection that it was exchanged for, at all doors', async t => {
  const { token, personalToken } = await make(['read'])
  const { body } = await post<LoggedInAnswer>(api.address, '/api/session/token', { token })
  t.match(await ask('GET', '/api/me', token, undefined, other), { status: 200 })
  const live = await fetch(`${gateway.address}/live/events?topics=hb.summit.MTMount.0`, {
    headers: { authorization: `Bearer ${body.token}` }
  })
  const text = live.text()
  t.equal((await ask('DELETE', `/api/tokens/${personalToken.id}`, asRoot)).status, 204)
  t.match(await text, /AUT_REVOKED/, 'the gateway ends it')
  const isOut = async (at: ServiceProcess, shown: string) =>
    (await ask('GET', '/api/me', shown, undefined, at)).status === 401
  for (const at of [api, other])
    await waitFor(async () => (await isOut(at, token)) && (await isOut(at, body.token)), {
      what: 'it has ended'
    })
  t.match(await ask('GET', '/api/me', token), refused(401, 'AUT_TOKEN_ENDED'))
  t.match(await post(api.address, '/api/session/token', { token }), refused(401, 'AUT_TOKEN_ENDED'))
  t.match(await ask('GET', '/api/me', token.slice(0, -1)), refused(401, 'AUT_BAD_TOKEN'))
})

t.test('the tokens of a user who is disabled end with his sessions', async t => {
  await ask('GET', '/api/me', reader.token, undefined, other)
  t.match(await ask<UserAnswer>('PATCH', '/api/users/ada', asRoot, { disabled: true }), { status: 200 })
  for (const at of [api, other])
    await waitFor(async () => (await ask('GET', '/api/me', reader.token, undefined, at)).status === 401, {
      what: 'it has ended'
    })
  t.match(await ask('GET', '/api/me', reader.token), refused(401, 'AUT_TOKEN_ENDED'))
})

t.test('who made, revoked and tried what stands in the audit, and no secret in it or in a log', async t => {
  const kinds = async () => {
    const { body } = await ask<AuditAnswer>('GET', '/api/audit?limit=1000', asRoot)
    return body.records
  }
  const isWritten = async () => (await kinds()).some(({ what }) => what === 'token-refused')
  await waitFor(isWritten, { what: 'the audit' })
  const records = await kinds()
  t.match(
    records.findLast(({ what }) => what === 'token-made'),
    {
      ...{ name: 'ada', token: 'night plan', session: reader.personalToken.id, address: '127.0.0.1' }
    }
  )
  t.match(
    records.find(({ what }) => what === 'token-revoked'),
    { name: 'ada', by: 'root', token: 'night plan' }
  )
  const written = [...lines(), ...gateway.lines, ...commander.lines, JSON.stringify(records)].join('\n')
  t.ok(written.includes('users: token-made'))
  t.notMatch(written, /mrd_[0-9A-Za-z]/)
  const metrics = await (await fetch(`${api.address}/metrics`)).text()
  t.match(metrics, /meridian_api_token_exchanges_total\{outcome="done",service="api"\} [1-9]/)
  t.match(metrics, /meridian_api_token_exchanges_total\{outcome="AUT_TOKEN_ENDED",service="api"\} [1-9]/)
  t.match(metrics, /meridian_api_personal_tokens\{service="api"\} 2\b/)
})
