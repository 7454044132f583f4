/** A provider that is away keeps nobody from what he is logged in for, and is told everywhere that somebody looks. */
import type { LogInWayAnswer } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import { startOidcProvider } from '@meridian/testing/openid-provider'
import t from 'tap'
import { get, openSite } from '../test/harness.ts'
import { Browser, openOidc, people } from '../test/oidc-harness.ts'

const { nats } = await openSite(t, { buckets: true })
const world = await openOidc(t, nats)
const { port } = world.provider
await world.provider.stop()
const api = await world.startApi()
const { address } = api
const away = { status: 503, body: { error: { code: 'AUT_PROVIDER_AWAY', canRetry: true } } }
const redirectUrls = [world.settings['OIDC_REDIRECT_URL'] ?? '']

const readiness = async () => (await get<{ ready: boolean; degraded?: string[] }>(address, '/readyz')).body
const isThere = async () => (await readiness()).degraded === undefined
const metric = async (name: string) =>
  Number(
    new RegExp(`^${name}\\{.*\\} (\\S+)`, 'm').exec(await (await fetch(`${address}/metrics`)).text())?.[1]
  )

t.test('the api starts without it, serves, and says so', async t => {
  t.match(await get(address, '/readyz'), { status: 200 })
  t.match(await readiness(), {
    ready: true,
    degraded: [/nobody can log in: OpenID provider Observatory login/]
  })
  await waitFor(() => api.lines.some(line => line.includes('OpenID provider does not answer')), {
    what: 'the log'
  })
  await waitFor(async () => (await metric('meridian_api_provider_failures_total')) > 1, {
    what: 'it is tried again'
  })
  t.equal(await metric('meridian_api_provider_answers'), 0)
  t.equal(api.lines.filter(line => line.includes('OpenID provider does not answer')).length, 1, 'said once')
  const asked = await get(address, '/api/session/oidc', { redirect: 'manual' })
  t.match(asked, away)
  t.match(asked.headers.get('retry-after'), /^\d+$/)
  const browser = new Browser()
  const begin = '/api/session/oidc?return=%2F%23%2FESS%3A1'
  const sent = await browser.ask(address, begin, { headers: { accept: 'text/html' } })
  t.match(sent, { status: 302 })
  t.equal(sent.headers.get('location'), '/#/ESS:1')
  const way = await browser.ask<LogInWayAnswer>(address, '/api/session/way')
  t.match(way.body.refusal, { code: 'AUT_PROVIDER_AWAY', facts: { retryAfterSeconds: 10 } })
  t.equal((await browser.ask(address, '/api/session/oidc/end')).headers.get('location'), '/')
})

t.test('it is found when it comes, and missed when it goes', async t => {
  const provider = await startOidcProvider({ people, port, redirectUrls })
  await waitFor(isThere, { what: 'the provider is known', timeoutMs: 60_000 })
  t.equal(await metric('meridian_api_provider_answers'), 1)
  const ada = new Browser()
  t.match(await ada.logIn(provider, address, 's1'), { status: 302 })
  const liar = new Browser()
  const made = new URL(await liar.callbackOf(provider, address, 's2'), address)
  made.searchParams.delete('code')
  made.searchParams.set('error', 'server_error')
  t.match(await liar.ask(address, made.pathname + made.search), away, 'what a browser says of the provider')
  t.ok(await isThere(), 'keeps nobody else out')
  const late = new Browser()
  const callback = await late.callbackOf(provider, address, 's2')
  await provider.stop()
  t.match(await late.ask(address, callback), away)
  t.match(await readiness(), { ready: true, degraded: [/does not answer/] })
  t.match(await new Browser().ask(address, '/api/session/oidc'), away)
  t.match(
    await ada.ask(address, '/api/session/refresh', { method: 'POST' }),
    { status: 200 },
    'who is in stays'
  )
  t.match(await ada.ask(address, '/api/me'), { status: 200 })
})

t.test('who calls himself otherwise is another provider', async t => {
  const other = await startOidcProvider({ people, redirectUrls })
  t.teardown(() => other.stop())
  const misled = await world.startApi({ OIDC_ISSUER: `http://localhost:${other.port}` })
  await waitFor(() => misled.lines.some(line => line.includes('does not match the expected issuer')), {
    what: 'the log'
  })
  t.match(await get(misled.address, '/api/session/oidc', { redirect: 'manual' }), { status: 503 })
})
