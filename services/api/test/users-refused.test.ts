/** Wrong requests to the routes of users and sessions, and these routes where nobody logs in. */
import type { UsersAnswer } from '@meridian/protocol/http'
import { startSiteService } from '@meridian/testing'
import t from 'tap'
import { type Answer, get } from './harness.ts'
import { localApi, PASSWORD } from './local-users.ts'
import { fromElsewhere, openUsersDoor, refused, secretParts } from './users-door.ts'

const { nats, api, address, secrets, ask, logIn } = await openUsersDoor(t)
await localApi(api).makeFirst()

t.test('who is not logged in gets nothing but the way in', async t => {
  for (const [method, path] of [
    ['GET', '/api/me'],
    ['GET', '/api/users'],
    ['POST', '/api/users'],
    ['PATCH', '/api/users/root'],
    ['DELETE', '/api/users/root'],
    ['GET', '/api/sessions'],
    ['DELETE', `/api/sessions/${'x'.repeat(22)}`],
    ['POST', '/api/me/password']
  ] as const)
    t.match(await ask(method, path), refused(401, 'AUT_NO_TOKEN'), `${method} ${path}`)
})

t.test('whatever is sent wrong is answered with a code, and changes nothing', async t => {
  const { token } = await logIn('root')
  const login = (body: unknown) => ask('POST', '/api/session', { body, headers: fromElsewhere() })
  const raw = (body: string, type = 'application/json') =>
    get(address, '/api/session', { method: 'POST', headers: { 'content-type': type }, body })
  const refresh = (body: unknown) => ask('POST', '/api/session/refresh', { body })
  const make = (body: object) =>
    ask('POST', '/api/users', { token, body: { name: 'x1', roles: [], password: PASSWORD, ...body } })
  const change = (body: object) => ask('PATCH', '/api/users/root', { token, body })
  const cases: [() => Promise<Answer<unknown>>, number, string][] = [
    [() => login({}), 400, 'NET_BAD_REQUEST'],
    [() => login([]), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'root' }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'root', password: 5 }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'root', password: '' }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'root', password: 'x'.repeat(257) }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'x'.repeat(65), password: PASSWORD }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'root', password: PASSWORD, role: 'king' }), 400, 'NET_BAD_REQUEST'],
    [() => login({ name: 'a.b>*', password: PASSWORD }), 401, 'AUT_WRONG_LOGIN'],
    [() => login({ name: '_first', password: PASSWORD }), 401, 'AUT_WRONG_LOGIN'],
    [() => raw('{"name":'), 400, 'NET_BAD_JSON'],
    [() => raw('{"__proto__":{"x":1}}'), 400, 'NET_BAD_JSON'],
    [() => raw('name=root&password=x', 'application/x-www-form-urlencoded'), 415, 'NET_BAD_TYPE'],
    [() => raw('{}', 'text/plain'), 415, 'NET_BAD_TYPE'],
    [() => login({ name: 'root', password: 'x'.repeat(10_000) }), 413, 'NET_TOO_LARGE'],
    [() => refresh({}), 401, 'AUT_SESSION_ENDED'],
    [() => ask('POST', '/api/session/refresh'), 401, 'AUT_SESSION_ENDED'],
    [() => refresh({ refresh: 'x' }), 401, 'AUT_SESSION_ENDED'],
    [() => refresh({ refresh: '' }), 400, 'NET_BAD_REQUEST'],
    [() => refresh({ refresh: 'x'.repeat(201) }), 400, 'NET_BAD_REQUEST'],
    [() => refresh({ token: 'x' }), 400, 'NET_BAD_REQUEST'],
    [() => make({ name: 'x.y' }), 400, 'AUT_BAD_NAME'],
    [() => make({ name: '_first' }), 400, 'AUT_BAD_NAME'],
    [() => make({ roles: 'viewer' }), 400, 'NET_BAD_REQUEST'],
    [() => make({ roles: Array.from({ length: 21 }, () => 'viewer') }), 400, 'NET_BAD_REQUEST'],
    [() => make({ roles: ['king'] }), 400, 'AUT_UNKNOWN_ROLE'],
    [() => make({ password: 'x1' }), 400, 'AUT_BAD_PASSWORD'],
    [() => make({ fullName: 'x'.repeat(101) }), 400, 'NET_BAD_REQUEST'],
    [() => make({ fullName: 'Ada \u001b[2J' }), 400, 'NET_BAD_REQUEST'],
    [() => make({ passwordHash: 'x' }), 400, 'NET_BAD_REQUEST'],
    [() => change({ version: 0 }), 400, 'NET_BAD_REQUEST'],
    [() => change({ name: 'king' }), 400, 'NET_BAD_REQUEST'],
    [() => change({ disabled: 'yes' }), 400, 'NET_BAD_REQUEST'],
    [() => ask('PATCH', '/api/users/_first', { token, body: {} }), 400, 'AUT_BAD_NAME'],
    [() => ask('PATCH', '/api/users/nobody', { token, body: {} }), 404, 'AUT_UNKNOWN_USER'],
    [() => ask('GET', '/api/session', { token }), 405, 'NET_BAD_METHOD'],
    [() => ask('GET', '/api/users', { token: 'x.y.z' }), 401, 'AUT_BAD_TOKEN']
  ]
  for (const [run, status, code] of cases) {
    const { body, ...answer } = await run()
    t.equal(body.error?.code, code, `${code}: ${body.error?.message}`)
    t.equal(answer.status, status)
  }
  const { users } = (await ask<UsersAnswer>('GET', '/api/users', { token })).body
  t.same(
    users.map(({ name }) => name),
    ['root']
  )
})

t.test('the api describes the routes', async t => {
  const { token } = await logIn('root')
  const { body } = await ask<{ paths: Record<string, object> }>('GET', '/api/openapi.json', { token })
  for (const path of [
    '/api/session',
    '/api/session/refresh',
    '/api/sessions',
    '/api/users',
    '/api/me/password'
  ])
    t.ok(body.paths[path], path)
})

t.test('where nobody logs in, each of these routes says so', async t => {
  const open = await startSiteService('api', nats)
  t.teardown(() => open.stop())
  for (const [method, path] of [
    ['POST', '/api/session'],
    ['POST', '/api/session/refresh'],
    ['DELETE', '/api/session'],
    ['GET', '/api/session/way'],
    ['GET', '/api/session/oidc'],
    ['GET', '/api/session/oidc/callback'],
    ['GET', '/api/session/oidc/end'],
    ['GET', '/api/sessions'],
    ['DELETE', '/api/sessions/x'],
    ['GET', '/api/users'],
    ['POST', '/api/users'],
    ['POST', '/api/users/first'],
    ['PATCH', '/api/users/x'],
    ['DELETE', '/api/users/x'],
    ['POST', '/api/me/password']
  ] as const)
    t.match(await get(open.address, path, { method }), refused(404, 'AUT_NO_LOGIN'), `${method} ${path}`)
})

t.test('no password and no token of these requests stands in the log', async t => {
  const log = api.lines.join('\n')
  for (const part of secretParts(secrets)) t.notOk(log.includes(part), 'a secret')
})
