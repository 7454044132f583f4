/** Users and sessions with several apis on one site: what one of them does holds at the others, and after its end. */
import type { LoggedInAnswer, UserAnswer } from '@meridian/protocol/http'
import { type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import t from 'tap'
import { get, openSite, post } from './harness.ts'

const PASSWORD = 'correct horse battery'
const { nats } = await openSite(t, { buckets: true })
const start = (): Promise<ServiceProcess> =>
  startSiteService('api', nats, { AUTH_MODE: 'local', TRUSTED_PROXIES: 'loopback' })
const [one, two] = await Promise.all([start(), start()])
t.teardown(() => Promise.all([one.stop(), two.stop()]))

const me = (api: ServiceProcess, token: string) =>
  get(api.address, '/api/me', { headers: { authorization: `Bearer ${token}` } })
const logIn = (api: ServiceProcess, name = 'root') =>
  post<LoggedInAnswer>(api.address, '/api/session', { name, password: PASSWORD, cookies: false })
const refresh = (api: ServiceProcess, token: string | undefined) =>
  post<LoggedInAnswer>(api.address, '/api/session/refresh', { refresh: token })

t.test('of two apis that start without users one logs the token, and either takes it', async t => {
  const tokens = [one, two].flatMap(({ lines }) =>
    lines.flatMap(line => /"token":"([\w-]+)"/.exec(line)?.[1] ?? [])
  )
  t.equal(tokens.length, 1)
  const body = { token: tokens[0], name: 'root', password: PASSWORD }
  const make = (api: ServiceProcess) => post<UserAnswer>(api.address, '/api/users/first', body)
  const made = await Promise.all([one, two].map(make))
  const statuses = made.map(({ status }) => status).sort()
  t.ok([409, 403].includes(statuses[1] ?? 0), `${statuses}: while the other is made, or after it`)
  t.equal(statuses[0], 201)
  t.match(await make(one), { status: 403, body: { error: { code: 'AUT_BAD_FIRST_TOKEN' } } })
})

t.test('a session goes on at another api, and ends at all', async t => {
  const { body: first } = await logIn(one)
  t.match(await me(two, first.token), { status: 200 })
  const { body: second } = await refresh(two, first.refresh)
  t.match(await me(one, second.token), { status: 200 })
  const { body: third } = await refresh(one, second.refresh)
  t.equal(
    (
      await get(two.address, '/api/session', {
        method: 'DELETE',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refresh: third.refresh })
      })
    ).status,
    204
  )
  for (const api of [one, two]) {
    await waitFor(async () => (await me(api, third.token)).status === 401, { what: 'the end is known' })
    t.match(await refresh(api, third.refresh), {
      status: 401,
      body: { error: { code: 'AUT_SESSION_ENDED' } }
    })
  }
})

t.test('sessions outlive the api at which they began', async t => {
  const api = await start()
  const { body } = await logIn(api)
  await api.stop()
  t.match(await me(one, body.token), { status: 200 })
  t.match(await refresh(two, body.refresh), { status: 200, body: { name: 'root' } })
})

t.test('while the broker is away a log-in and a refresh say so, and end nothing', async t => {
  const site = await openSite(t, { buckets: true })
  const api = await startSiteService('api', site.nats, { AUTH_MODE: 'local' })
  t.teardown(() => api.stop())
  const [token] = api.lines.flatMap(line => /"token":"([\w-]+)"/.exec(line)?.[1] ?? [])
  t.match(await post(api.address, '/api/users/first', { token, name: 'root', password: PASSWORD }), {
    status: 201
  })
  const { body } = await logIn(api)
  await site.nats.stop()
  const away = async () => (await logIn(api)).status === 503
  await waitFor(away, { what: 'the loss is known' })
  for (let tries = 0; tries < 8; tries++) {
    const answer = await logIn(api)
    t.match(answer, { status: 503, body: { error: { code: 'BRK_UNAVAILABLE', canRetry: true } } })
    t.equal(answer.headers.get('retry-after'), '1')
  }
  const refused = await refresh(api, body.refresh)
  t.match(refused, { status: 503, body: { error: { code: 'BRK_UNAVAILABLE' } } })
  t.same(refused.headers.getSetCookie(), [], 'a browser keeps its cookies')
})
