/** Users log in with a password, at the real door: cookies, tokens, rights, refusals, and what the log keeps quiet. */
import {
  type LoggedInAnswer,
  loggedInSchema,
  type MeAnswer,
  type SessionsAnswer,
  sessionsSchema,
  type UserAnswer,
  type UsersAnswer,
  userSchema,
  usersSchema
} from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Errors } from 'typebox/schema'
import { get, post } from './harness.ts'
import { PASSWORD } from './local-users.ts'
import { fromElsewhere, openUsersDoor, refused, secretParts } from './users-door.ts'

const { api, address, secrets, ask, logIn } = await openUsersDoor(t)
const host = new URL(address).host

const logOf = (text: string): string => api.lines.filter(line => line.includes(text)).join('\n')
const isOf = (schema: TSchema, body: unknown): unknown => Errors(schema, body)[1]

t.test('the first administrator is made with the token that was logged, once', async t => {
  const token = /"token":"([\w-]+)"/.exec(logOf('first administrator'))?.[1] ?? ''
  t.equal(api.lines.filter(line => line.includes(token)).length, 1)
  const body = { token, name: 'Root', fullName: 'Ada L.', password: PASSWORD }
  const first = (changed: object) => post(address, '/api/users/first', { ...body, ...changed })
  t.match(await first({ token: 'x' }), refused(403, 'AUT_BAD_FIRST_TOKEN'))
  t.match(await first({ password: 'short' }), refused(400, 'AUT_BAD_PASSWORD'))
  t.match(await first({ name: 'a.b' }), refused(400, 'AUT_BAD_NAME'))
  t.match(await get(address, '/api/users/first'), { status: 200, body: { wanted: true } })
  const made = await post<UserAnswer>(address, '/api/users/first', body)
  t.match(made, { status: 201, body: { name: 'root', roles: ['administrator'], version: 1 } })
  t.same(isOf(userSchema, made.body), [])
  t.notMatch(JSON.stringify(made.body), /hash|generation/i)
  t.match(await first({ name: 'mallory' }), refused(403, 'AUT_BAD_FIRST_TOKEN'))
})

t.test(
  'a browser logs in, goes on and logs out by cookies that no script and no other page can use',
  async t => {
    const browser = { origin: `http://${host}`, headers: { 'user-agent': 'Browser 1' } }
    const done = await ask<LoggedInAnswer>('POST', '/api/session', {
      ...{ ...browser, body: { name: 'ROOT', password: PASSWORD } }
    })
    t.equal(done.status, 200)
    t.equal(done.headers.get('cache-control'), 'no-store')
    t.same(isOf(loggedInSchema, done.body), [])
    t.same(Object.keys(done.body).sort(), ['expiresAt', 'name', 'roles', 'token'])
    const leftSeconds = done.body.expiresAt - taiSecondsOf(Date.now())
    t.ok(leftSeconds > 200 && leftSeconds <= 301, 'TAI seconds')
    const [access = '', refresh = ''] = done.headers.getSetCookie()
    t.match(access, /^meridian_access=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)
    t.match(
      refresh,
      /^meridian_refresh=[^;]+; Max-Age=43200; Path=\/api\/session; HttpOnly; SameSite=Strict$/
    )
    const pairOf = (cookie: string): string => cookie.split(';')[0] ?? ''
    for (const cookie of [access, refresh]) secrets.add(pairOf(cookie).split('=')[1] ?? '')
    const me = await ask<MeAnswer>('GET', '/api/me', { cookie: pairOf(access) })
    t.match(me, { status: 200, body: { mode: 'local', name: 'root', roles: ['administrator'] } })

    const next = await ask('POST', '/api/session/refresh', { ...browser, cookie: pairOf(refresh) })
    t.equal(next.status, 200)
    const [newAccess = '', newRefresh = ''] = next.headers.getSetCookie()
    t.not(pairOf(newRefresh), pairOf(refresh))
    const twin = await ask('POST', '/api/session/refresh', { ...browser, cookie: pairOf(refresh) })
    t.equal(twin.headers.getSetCookie().length, 1, 'another tab gets an access token')

    const both = `${pairOf(newAccess)}; ${pairOf(newRefresh)}`
    const out = await ask('DELETE', '/api/session', { ...browser, cookie: both })
    t.equal(out.status, 204)
    for (const cookie of out.headers.getSetCookie()) t.match(cookie, /=; .*Expires=Thu, 01 Jan 1970/)
    t.match(
      await ask('POST', '/api/session/refresh', { ...browser, cookie: pairOf(newRefresh) }),
      refused(401, 'AUT_SESSION_ENDED')
    )
    const gone = () => ask('GET', '/api/me', { cookie: pairOf(newAccess) })
    await waitFor(async () => (await gone()).status === 401, { what: 'the token has ended' })
    t.match(await gone(), refused(401, 'AUT_REVOKED'))
    t.equal((await ask('DELETE', '/api/session', { ...browser, cookie: both })).status, 204, 'again')
    t.equal((await ask('DELETE', '/api/session')).status, 204, 'with nothing')
  }
)

t.test('over HTTPS cookies go over nothing else', async t => {
  const headers = { 'x-forwarded-proto': 'https', ...fromElsewhere() }
  const { headers: answered } = await ask('POST', '/api/session', {
    ...{ headers, body: { name: 'root', password: PASSWORD } }
  })
  for (const cookie of answered.getSetCookie()) t.match(cookie, /; Secure/)
})

t.test('a program goes on with the refresh token of the answer, and gets no cookies', async t => {
  const body = { name: 'root', password: PASSWORD, cookies: false }
  const done = await ask<LoggedInAnswer>('POST', '/api/session', { body, headers: fromElsewhere() })
  t.same(done.headers.getSetCookie(), [])
  const { refresh } = done.body
  const next = await ask<LoggedInAnswer>('POST', '/api/session/refresh', { body: { refresh } })
  t.same(next.headers.getSetCookie(), [])
  t.match(next.body.refresh, /./)
  t.match(await ask('GET', '/api/me', { token: next.body.token }), { status: 200 })
  t.equal((await ask('DELETE', '/api/session', { body: { refresh: next.body.refresh } })).status, 204)
  t.match(
    await ask('POST', '/api/session/refresh', { body: { refresh: next.body.refresh } }),
    refused(401, 'AUT_SESSION_ENDED')
  )
})

t.test('what changes something by a cookie must come from a page of the host itself', async t => {
  const { token } = await logIn('root')
  const cookie = `meridian_access=${token}`
  const body = { fullName: 'Ada' }
  for (const origin of [undefined, 'null', 'http://evil.example', `http://${host}.evil.example`, 'x'])
    for (const [method, path] of [
      ['PATCH', '/api/users/root'],
      ['POST', '/api/commands'],
      ['DELETE', '/api/session']
    ] as const)
      t.match(
        await ask(method, path, { cookie, body, ...(origin !== undefined && { origin }) }),
        refused(403, 'AUT_BAD_ORIGIN'),
        `${method} ${path} from ${origin}`
      )
  const own = { origin: `http://${host}`, body }
  t.match(await ask('PATCH', '/api/users/root', { ...own, cookie }), { status: 200 })
  const listed = { origin: 'https://console.example', body }
  t.match(await ask('PATCH', '/api/users/root', { ...listed, cookie }), { status: 200 }, 'listed')
  const secure = { origin: `https://${host}`, body, cookie }
  const unsaid = await ask('PATCH', '/api/users/root', secure)
  t.match(unsaid, refused(403, 'AUT_BAD_ORIGIN'))
  t.match(unsaid.body.error?.message, `expected: 'http://${host}', because the request came in the clear`)
  const proxies = { headers: { 'x-forwarded-proto': 'https,http' } }
  t.match(await ask('PATCH', '/api/users/root', { ...secure, ...proxies }), { status: 200 }, 'two proxies')
  t.match(await ask('PATCH', '/api/users/root', { body, token }), { status: 200 }, 'a program')
  t.match(await ask('GET', '/api/me', { cookie, origin: 'http://evil.example' }), { status: 200 })
  t.match(
    await ask('POST', '/api/session', {
      ...{ origin: 'http://evil.example', body: { name: 'root', password: PASSWORD } }
    }),
    refused(403, 'AUT_BAD_ORIGIN'),
    'no page of elsewhere logs somebody in'
  )
})

t.test('whoever manages users makes, changes and removes them; nobody else does', async t => {
  const { token } = await logIn('root')
  const eve = { name: 'eve', fullName: 'Eve', roles: ['viewer'], password: PASSWORD }
  const made = await ask<UserAnswer>('POST', '/api/users', { token, body: eve })
  t.match(made, { status: 201, body: { name: 'eve', madeBy: 'root', roles: ['viewer'] } })
  t.ok(Math.abs(made.body.madeAt - taiSecondsOf(Date.now())) < 60, 'TAI seconds')
  t.match(await ask('POST', '/api/users', { token, body: eve }), refused(409, 'AUT_USER_EXISTS'))
  const list = await waitFor(
    async () => {
      const { body } = await ask<UsersAnswer>('GET', '/api/users', { token })
      return body.users.length === 2 ? body : undefined
    },
    { what: 'both users are listed' }
  )
  t.same(isOf(usersSchema, list), [])
  t.same(
    list.users.map(({ name }) => name),
    ['eve', 'root']
  )
  const { token: own } = await logIn('eve')
  for (const [method, path, body] of [
    ['GET', '/api/users', undefined],
    ['POST', '/api/users', { ...eve, name: 'bob' }],
    ['PATCH', '/api/users/eve', { roles: ['administrator'] }],
    ['DELETE', '/api/users/root', undefined]
  ] as const)
    t.match(
      await ask(method, path, { token: own, ...(body !== undefined && { body }) }),
      { status: 403, body: { error: { code: 'AUT_NOT_MANAGER', facts: { roles: ['administrator'] } } } },
      `${method} ${path}`
    )
  const change = (body: object) => ask<UserAnswer>('PATCH', '/api/users/eve', { token, body })
  t.match(await change({ fullName: 'Eve X.', version: 1 }), { status: 200, body: { version: 2 } })
  t.match(await change({ fullName: 'Eve Y.', version: 1 }), refused(409, 'AUT_USER_CHANGED'))
  t.match(await change({ roles: ['kign'] }), refused(400, 'AUT_UNKNOWN_ROLE'))
  t.match(
    await ask('PATCH', '/api/users/root', { token, body: { disabled: true } }),
    refused(409, 'AUT_LAST_ADMINISTRATOR')
  )
  t.match(await change({ disabled: true }), { status: 200, body: { disabled: true } })
  await waitFor(async () => (await ask('GET', '/api/me', { token: own })).status === 401, {
    what: 'his token has ended'
  })
  t.match(
    await ask('POST', '/api/session', { body: eve2, headers: fromElsewhere() }),
    refused(401, 'AUT_WRONG_LOGIN')
  )
  t.match(await ask('DELETE', '/api/users/eve', { token }), { status: 204 })
  t.match(await ask('DELETE', '/api/users/eve', { token }), refused(404, 'AUT_UNKNOWN_USER'))
})
const eve2 = { name: 'eve', password: PASSWORD }

t.test('one sees and ends the own sessions, whoever manages users those of all', async t => {
  const root = await logIn('root')
  const body = { name: 'bob', roles: ['viewer'], password: PASSWORD }
  t.match(await ask('POST', '/api/users', { token: root.token, body }), { status: 201 })
  const [here, there] = [await logIn('bob'), await logIn('bob')]
  const listOf = async (token: string): Promise<SessionsAnswer['sessions']> => {
    const answer = await ask<SessionsAnswer>('GET', '/api/sessions', { token })
    t.same(isOf(sessionsSchema, answer.body), [])
    return answer.body.sessions
  }
  await waitFor(async () => (await listOf(here.token)).length === 2, { what: 'both sessions are listed' })
  const own = await listOf(here.token)
  t.same([...new Set(own.map(({ user }) => user))], ['bob'])
  t.equal(own.filter(({ isOwn }) => isOwn).length, 1)
  const other = own.find(({ isOwn }) => !isOwn)?.id ?? ''
  const all = await listOf(root.token)
  const ofRoot = all.find(({ user }) => user === 'root')?.id ?? ''
  t.ok(ofRoot)
  const end = (token: string, id: string) => ask('DELETE', `/api/sessions/${id}`, { token })
  t.match(await end(here.token, ofRoot), refused(404, 'AUT_UNKNOWN_SESSION'))
  t.match(await end(here.token, 'nonsense'), refused(404, 'AUT_UNKNOWN_SESSION'))
  t.match(await end(here.token, other), { status: 204 })
  t.match(
    await ask('POST', '/api/session/refresh', { body: { refresh: there.refresh } }),
    refused(401, 'AUT_SESSION_ENDED')
  )
  t.match(await ask('GET', '/api/me', { token: here.token }), { status: 200 }, 'the other one goes on')
})

t.test('a new password ends all own sessions', async t => {
  const { token, refresh } = await logIn('bob')
  const change = (body: object) => ask('POST', '/api/me/password', { token, body, headers: fromElsewhere() })
  const next = 'staple battery horse'
  t.match(await change({ old: 'wrong horse battery', new: next }), refused(401, 'AUT_WRONG_LOGIN'))
  t.match(await change({ old: PASSWORD, new: 'short' }), refused(400, 'AUT_BAD_PASSWORD'))
  t.match(await change({ old: PASSWORD, new: next }), { status: 204 })
  t.match(await ask('POST', '/api/session/refresh', { body: { refresh } }), refused(401, 'AUT_SESSION_ENDED'))
  await waitFor(async () => (await ask('GET', '/api/me', { token })).status === 401, { what: 'its end' })
  t.ok(await logIn('bob', next))
})

t.test('a token of a moment after a change is good, those of before are not', async t => {
  const { token } = await logIn('root')
  const bob = await logIn('bob', 'staple battery horse')
  for (const roles of [['operator'], ['viewer']]) {
    t.match(await ask('PATCH', '/api/users/bob', { token, body: { roles } }), { status: 200 })
    const next = await logIn('bob', 'staple battery horse')
    await waitFor(async () => (await ask('GET', '/api/me', { token: bob.token })).status === 401, {
      what: 'the old token has ended'
    })
    t.match(await ask('GET', '/api/me', { token: next.token }), { status: 200, body: { roles } })
  }
})

t.test('who guesses waits, and learns nothing of who there is', async t => {
  const headers = fromElsewhere()
  const guess = (name: string) =>
    ask('POST', '/api/session', { body: { name, password: 'wrong horse battery' }, headers })
  const [known, unknown] = [await guess('bob'), await guess('nobody')]
  t.same(known.body, unknown.body)
  t.equal(known.status, unknown.status)
  for (let i = 0; i < 4; i++) t.match(await guess('nobody'), refused(401, 'AUT_WRONG_LOGIN'))
  const waiting = await guess('nobody')
  t.match(waiting, refused(429, 'AUT_TOO_MANY_TRIES'))
  t.match(waiting.headers.get('retry-after'), /^[1-9]\d*$/)
  t.match(waiting.body.error, { canRetry: true })
})

t.test('log-ins are counted by how they ended', async t => {
  const text = await (await fetch(`${address}/metrics`)).text()
  for (const outcome of ['done', 'AUT_WRONG_LOGIN', 'AUT_TOO_MANY_TRIES'])
    t.match(text, new RegExp(`meridian_api_logins_total\\{outcome="${outcome}".*\\} [1-9]`))
  t.match(text, /meridian_api_refreshes_total\{outcome="AUT_SESSION_ENDED".*\} [1-9]/)
  t.match(text, /meridian_api_sessions\{.*\} [1-9]/)
})

t.test('no password and no token stands in the log, at any level', async t => {
  const log = api.lines.join('\n')
  t.match(log, '"msg":"users: log-in"')
  t.ok(secrets.size > 10)
  for (const part of secretParts(secrets)) t.notOk(log.includes(part), 'a secret')
})
