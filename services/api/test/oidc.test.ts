/** People log in through a real OpenID provider, at real doors: sessions, and everything that must be refused. */
import {
  type LogInWayAnswer,
  logInWaySchema,
  type MeAnswer,
  type SessionsAnswer
} from '@meridian/protocol/http'
import { startSiteService, waitFor } from '@meridian/testing'
import { passProvider } from '@meridian/testing/openid-provider'
import t from 'tap'
import { Errors } from 'typebox/schema'
import { get, openSite, post } from './harness.ts'
import { Browser, isReady, openOidc, refused } from './oidc-harness.ts'

const { nats } = await openSite(t, { buckets: true })
const world = await openOidc(t, nats)
const { provider, settings } = world
const [api, other] = await Promise.all([world.startApi(), world.startApi()])
const { address } = api
await waitFor(isReady(address), { what: 'the provider is known' })
await waitFor(isReady(other.address), { what: 'the provider is known to the other one' })

const html = { accept: 'text/html,application/xhtml+xml' }

t.test('a log-in through the provider is one of our own sessions', async t => {
  const browser = new Browser()
  const done = await browser.logIn(provider, address, 's1', '/instance/MTMount/0?x=1#top')
  t.match(done, { status: 302 })
  t.equal(done.headers.get('location'), '/instance/MTMount/0?x=1#top')
  t.same(
    [...browser.cookies.keys()].sort(),
    ['meridian_access', 'meridian_refresh'],
    'what it was begun with is gone'
  )
  for (const cookie of done.headers.getSetCookie()) t.match(cookie, /HttpOnly/)
  const me = await browser.ask<MeAnswer>(address, '/api/me')
  t.match(me, { status: 200, body: { mode: 'oidc', name: 'ada', roles: ['operator'] } })
  t.notMatch(JSON.stringify(me.body), /night-crew/, 'which groups there are is not told')
  const refreshed = await browser.ask(address, '/api/session/refresh', { method: 'POST' })
  t.match(refreshed, { status: 200, body: { name: 'ada', roles: ['operator'] } })
  t.match(await browser.ask(other.address, '/api/me'), { status: 200 }, 'at every api')
  const { sessions } = (await browser.ask<SessionsAnswer>(address, '/api/sessions')).body
  t.match(sessions, [{ user: 'ada', isOwn: true }])
  const [{ begunAt, endsAt } = { begunAt: 0, endsAt: 0 }] = sessions
  t.ok(Math.abs(endsAt - begunAt - 12 * 3_600) < 60, 'it ends after twelve hours')
  t.match(await browser.ask(address, '/api/session', { method: 'DELETE' }), { status: 204 })
  t.match(await browser.ask(address, '/api/me'), refused(401, 'AUT_NO_TOKEN'))
  const end = await browser.ask(address, '/api/session/oidc/end')
  const to = new URL(end.headers.get('location') ?? '')
  t.equal(to.origin, provider.issuer)
  t.match(Object.fromEntries(to.searchParams), {
    client_id: provider.clientId,
    post_logout_redirect_uri: new URL('/', settings['OIDC_REDIRECT_URL']).href
  })
  const page = await fetch(to)
  t.equal(page.status, 200, 'the provider takes it')
})

t.test('what is begun at one api is finished by another', async t => {
  const browser = new Browser()
  const callback = await browser.callbackOf(provider, address, 's1')
  t.match(await browser.ask(other.address, callback), { status: 302 })
  t.match(await browser.ask(address, '/api/me'), { status: 200, body: { name: 'ada' } })
})

t.test('a page learns how one logs in, and no password is taken', async t => {
  const way = await get<LogInWayAnswer>(address, '/api/session/way')
  t.same(way.body, { site: 'summit', mode: 'oidc', provider: 'Observatory login' })
  t.same(Errors(logInWaySchema, way.body)[1], [])
  const root = new Browser()
  await root.logIn(provider, address, 's2')
  const body = (value: object) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value)
  })
  const user = { name: 'local', roles: [], password: 'correct horse battery' }
  const first = { token: 'x', name: 'x1', password: user.password }
  for (const [path, init] of [
    ['/api/session', body({ name: 'root', password: user.password })],
    ['/api/users', body(user)],
    ['/api/users/first', body(first)],
    ['/api/users/first', {}],
    ['/api/me/password', body({ old: 'x', new: user.password })]
  ] as const)
    t.match(await root.ask(address, path, init), refused(403, 'AUT_NO_PASSWORDS'), path)
  t.notMatch(api.lines.join('\n'), 'first administrator')
})

t.test('pages of elsewhere are not returned to', async t => {
  const hostile = [
    '//evil.org',
    '/\\evil.org',
    'https://evil.org',
    '/.//evil.org',
    '/a\r\nx: y',
    '/api/me',
    'x',
    ''
  ]
  for (const page of hostile) {
    const path = `/api/session/oidc?return=${encodeURIComponent(page)}`
    t.match(await get(address, path, { redirect: 'manual' }), refused(400, 'AUT_BAD_RETURN'), page)
  }
  const twice = '/api/session/oidc?return=/&return=//evil.org'
  t.match(await get(address, twice, { redirect: 'manual' }), { status: 400 })
})

t.test('who has no role is told which groups give one', async t => {
  const browser = new Browser()
  const answer = await browser.logIn(provider, address, 's3')
  t.match(answer, refused(403, 'AUT_NO_ROLE'))
  t.match(answer.body.error, {
    message: /eve.*visitors.*night-crew/,
    facts: { groups: ['night-crew', 'chiefs'] }
  })
  t.match(await browser.ask(address, '/api/me'), refused(401, 'AUT_NO_TOKEN'))
  t.match(await new Browser().logIn(provider, address, 's4'), refused(403, 'AUT_BAD_CLAIM'))
})

t.test('a browser is sent back to the page, which is told the refusal once', async t => {
  const browser = new Browser()
  const callback = await browser.callbackOf(provider, address, 's3', '/instance/ESS/1')
  const answer = await browser.ask(address, callback, { headers: html })
  t.match(answer, { status: 302 })
  t.equal(answer.headers.get('location'), '/instance/ESS/1')
  const way = () => browser.ask<LogInWayAnswer>(address, '/api/session/way')
  t.match((await way()).body.refusal, { code: 'AUT_NO_ROLE', message: /night-crew/ })
  t.equal((await way()).body.refusal, undefined)
  browser.cookies.set(
    'meridian_log_in_refusal',
    Buffer.from('{"code":"X","message":"hello"}').toString('base64url')
  )
  t.equal((await way()).body.refusal, undefined, 'and nothing that somebody else has written')
})

t.test('a refusal of the provider, and of a person, is said as such', async t => {
  t.match(await new Browser().logIn(provider, address, ''), refused(403, 'AUT_PROVIDER_REFUSED'))
})

t.test('a code is good once, in the browser that began, with its own state', async t => {
  const browser = new Browser()
  const callback = await browser.callbackOf(provider, address, 's1')
  const begun = browser.cookies.get('meridian_log_in') ?? ''
  t.match(await new Browser().ask(address, callback), refused(400, 'AUT_LOG_IN_LOST'), 'another browser')
  const stranger = new Browser()
  await stranger.callbackOf(provider, address, 's2')
  t.match(await stranger.ask(address, callback), refused(400, 'AUT_LOG_IN_LOST'), 'another log-in')
  const forged = new Browser()
  forged.cookies.set('meridian_log_in', `${begun.slice(0, -3)}AAA`)
  t.match(await forged.ask(address, callback), refused(400, 'AUT_LOG_IN_LOST'), 'another signature')
  forged.cookies.set('meridian_log_in', 'x'.repeat(5_000))
  t.match(await forged.ask(address, callback), refused(400, 'AUT_LOG_IN_LOST'))
  t.match(await browser.ask(address, callback), { status: 302 })
  t.match(await browser.ask(address, callback), refused(400, 'AUT_LOG_IN_LOST'), 'the cookie was taken back')
  browser.cookies.set('meridian_log_in', begun)
  t.match(await browser.ask(address, callback), refused(403, 'AUT_BAD_CODE'), 'replayed')
  browser.cookies.set('meridian_access', begun)
  t.match(await browser.ask(address, '/api/me'), refused(401, 'AUT_BAD_TOKEN'), 'it is no access token')
})

t.test('a callback that a page of elsewhere makes up loses nobody his log-in', async t => {
  const browser = new Browser()
  const callback = await browser.callbackOf(provider, address, 's1')
  const madeUp = `${callback.split('?')[0]}?code=x&state=x`
  t.match(await browser.ask(address, madeUp), refused(400, 'AUT_LOG_IN_LOST'))
  t.match(await browser.ask(address, callback), { status: 302 })
  t.match(await browser.ask(address, '/api/me'), { status: 200 })
})

t.test('a session ends when its browser logs in anew', async t => {
  const browser = new Browser()
  await browser.logIn(provider, address, 's1')
  const old = new Browser()
  for (const [name, value] of browser.cookies) old.cookies.set(name, value)
  await browser.logIn(provider, other.address, 's2')
  t.match(await browser.ask(address, '/api/me'), { status: 200, body: { name: 'root' } })
  const refreshed = await old.ask(address, '/api/session/refresh', { method: 'POST' })
  t.match(refreshed, refused(401, 'AUT_SESSION_ENDED'))
})

t.test('over HTTPS the cookie of a begun log-in is of this host alone', async t => {
  const begun = await get(address, '/api/session/oidc', {
    redirect: 'manual',
    headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' }
  })
  const [cookie = ''] = begun.headers.getSetCookie()
  t.match(cookie, /^__Host-meridian_log_in=/)
  for (const part of [/; Path=\/(;|$)/, /; Secure/, /; HttpOnly/, /; SameSite=Lax/]) t.match(cookie, part)
  t.notMatch(cookie, /Domain/)
})

t.test('an ID token that is not to be trusted begins no session', async t => {
  t.teardown(() => provider.tamper(undefined))
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const withClaims = (claims: object) => (token: string) => provider.signAgain(token, { ...claims })
  const now = Math.floor(Date.now() / 1_000)
  const tampered: Record<string, (token: string) => string | Promise<string>> = {
    'alg none': token => `${part({ alg: 'none' })}.${token.split('.')[1]}.`,
    'alg none, signed': token => `${part({ alg: 'none' })}.${token.split('.').slice(1).join('.')}`,
    'HS256 by the secret': token => `${part({ alg: 'HS256' })}.${token.split('.').slice(1).join('.')}`,
    'other groups': token => {
      const [header, payload = '', signature] = token.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
      return `${header}.${part({ ...claims, groups: ['chiefs'] })}.${signature}`
    },
    issuer: withClaims({ iss: 'https://evil.example' }),
    audience: withClaims({ aud: 'somebody-else' }),
    'two audiences': withClaims({ aud: [provider.clientId, 'somebody-else'] }),
    nonce: withClaims({ nonce: 'x' }),
    'no nonce': withClaims({ nonce: undefined }),
    expired: withClaims({ exp: now - 40, iat: now - 100 }),
    'no token': () => 'x'
  }
  for (const [what, change] of Object.entries(tampered)) {
    provider.tamper(change)
    const browser = new Browser()
    t.match(await browser.logIn(provider, address, 's1'), refused(502, 'AUT_BAD_PROVIDER'), what)
    t.match(await browser.ask(address, '/api/me'), refused(401, 'AUT_NO_TOKEN'), what)
  }
  provider.tamper(withClaims({ exp: now - 10 }))
  t.match(await new Browser().logIn(provider, address, 's1'), { status: 302 }, 'clocks may differ by 30 s')
  const log = api.lines.filter(line => line.includes('is not taken')).join('\n')
  t.match(log, 'unexpected JWT')
})

t.test('log-ins and refusals stand in the audit and are counted', async t => {
  const root = new Browser()
  await root.logIn(provider, address, 's2')
  const audit = async (what: string) =>
    (await root.ask<{ records: { name?: string; code?: string }[] }>(address, `/api/audit?what=${what}`)).body
      .records
  await waitFor(async () => (await audit('log-in')).some(({ name }) => name === 'ada'), { what: 'the audit' })
  await waitFor(async () => (await audit('log-in-refused')).some(({ name }) => name === 'eve'), {
    what: 'a refusal'
  })
  t.match((await audit('user-made')).at(-1), {
    ...{ name: 'ada', by: 'the OpenID provider', roles: ['operator'] }
  })
  const text = await (await fetch(`${address}/metrics`)).text()
  for (const outcome of [
    'done',
    'AUT_NO_ROLE',
    'AUT_LOG_IN_LOST',
    'AUT_BAD_PROVIDER',
    'AUT_BAD_CODE',
    'AUT_BAD_RETURN'
  ])
    t.match(text, new RegExp(`meridian_api_logins_total\\{outcome="${outcome}".*\\} [1-9]`))
  t.match(text, /meridian_api_provider_answers\{.*\} 1/)
  t.notMatch(api.lines.join('\n'), provider.clientSecret, 'the secret stands in no log')
})

t.test('without the settings an api refuses to start, and says what is missing', async t => {
  const starting = world.startApi({ OIDC_ISSUER: '', OIDC_CLIENT_ID: '' })
  await t.rejects(starting, /CFG_INVALID.*set OIDC_ISSUER, OIDC_CLIENT_ID/)
})

t.test('in mode local there is no such way', async t => {
  const local = await startSiteService('api', nats, { AUTH_MODE: 'local' })
  t.teardown(() => local.stop())
  t.match(await get(local.address, '/api/session/oidc'), refused(404, 'AUT_NO_PROVIDER'))
  t.match(await get(local.address, '/api/session/oidc/callback'), refused(404, 'AUT_NO_PROVIDER'))
  t.same((await get(local.address, '/api/session/way')).body, { site: 'summit', mode: 'local' })
  const browser = new Browser()
  await browser.logIn(provider, address, 's2')
  const refresh = { method: 'POST' }
  t.match(
    await browser.ask(local.address, '/api/session/refresh', refresh),
    refused(401, 'AUT_SESSION_ENDED')
  )
  t.match(
    await post(local.address, '/api/session', { name: 'root', password: 'x' }),
    refused(401, 'AUT_WRONG_LOGIN')
  )
})

t.test('an address that the provider was not asked for is not followed', async t => {
  const begun = await new Browser().ask(address, '/api/session/oidc')
  const to = new URL(begun.headers.get('location') ?? '')
  t.match(Object.fromEntries(to.searchParams), {
    ...{ response_type: 'code', code_challenge_method: 'S256', redirect_uri: settings['OIDC_REDIRECT_URL'] },
    ...{ state: /^.{43}$/, nonce: /^.{43}$/, code_challenge: /^.{43}$/ }
  })
  to.searchParams.set('redirect_uri', 'https://evil.example/')
  await t.rejects(passProvider(provider, to.href, 's1'), /redirect_uri/)
})
