/** `pnpm users` at a real api, as a person at a terminal and a script use it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { startTestSite } from '@meridian/broker/testing'
import type { LoggedInAnswer, MadePersonalTokenAnswer } from '@meridian/protocol/http'
import { freePort, scriptCommand, startSiteService, waitFor } from '@meridian/testing'
import { passProvider, startOidcProvider } from '@meridian/testing/openid-provider'
import t from 'tap'
import { root } from './root.ts'
import { ensureBrokerKeys } from './start/broker-keys.ts'
import { frontFilesOf } from './start/key-files.ts'

const { nats, stop } = await startTestSite({ buckets: true })
t.teardown(stop)
const api = await startSiteService('api', nats, { AUTH_MODE: 'local' })
t.teardown(() => api.stop())

const OWN = 'correct horse battery'
const HERS = 'staple battery horse'
const NEXT = 'another horse, another battery'

interface Run {
  readonly code: number
  readonly out: string
  readonly said: string
}

/** Runs it with these lines on standard input. */
async function users(
  args: readonly string[],
  lines: readonly string[] = [],
  env = {},
  address = api.address
): Promise<Run> {
  const child = spawn(
    process.execPath,
    [...scriptCommand('users'), '--api', address, '--data', t.testdirName, ...args],
    { cwd: root, env: { ...process.env, NODE_OPTIONS: '', ...env } }
  )
  child.stdin.end(lines.map(line => `${line}\n`).join(''))
  const [out, said, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close')
  ])
  return { code, out, said }
}

const asAda = (...args: string[]) => ['--as', 'ada', ...args]

t.test('users of a site are made, changed and removed at the terminal', async t => {
  const { value: token } = await waitFor(() => firstToken(), { what: 'the token of the first administrator' })
  const first = await users(['first', 'ada', '--full-name', 'Ada L.'], [token, OWN])
  t.match(first, { code: 0, out: 'ada: administrator (made)\n', said: '' })
  const made = await users(asAda('add', 'bob', '--role', 'viewer', 'operator'), [OWN, HERS])
  t.match(made, { code: 0, out: 'bob: viewer, operator (made)\n' })
  const listed = await waitFor(
    async () => {
      const run = await users(asAda(), [OWN])
      return run.out.includes('bob') ? run : undefined
    },
    { what: 'bob in the list', timeoutMs: 60_000 }
  )
  t.match(
    listed.out,
    /^NAME +FULL NAME +ROLES +LOG-IN .*\nada +Ada L\. +administrator +password .*\nbob +viewer, operator +password .* UTC by ada\n$/
  )
  t.match(await users(['--as', 'bob', 'list'], [HERS]), {
    code: 2,
    out: '',
    said: /^RUN_REFUSED: .*AUT_NOT_MANAGER/
  })
  t.match(await users(asAda('password', 'bob'), [OWN, NEXT]), { code: 0 })
  t.match(await users(['--as', 'bob', 'sessions'], [HERS]), { code: 2, said: /AUT_WRONG_LOGIN/ })
  t.match(await users(['--as', 'bob', 'password'], [NEXT, NEXT, HERS]), { code: 0 }, 'his own')
  t.match(await users(asAda('change', 'bob', '--role', 'viewer', '--disable'), [OWN]), {
    code: 0,
    out: 'bob: viewer, disabled\n'
  })
  t.match(await users(['--as', 'bob', 'sessions'], [HERS]), { code: 2, said: /AUT_WRONG_LOGIN/ })
  t.match(await users(asAda('remove', 'bob'), [OWN]), { code: 0, out: 'bob is removed\n' })
  t.match(await users(asAda('remove', 'bob'), [OWN]), { code: 2, said: /AUT_UNKNOWN_USER/ })
})

t.test('a token is taken in the place of a password, and no session is left behind', async t => {
  const answer = await fetch(`${api.address}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'ada', password: OWN, cookies: false })
  })
  const { token } = (await answer.json()) as { token: string }
  const byToken = (...args: string[]) => users(args, undefined, { MERIDIAN_TOKEN: token })
  const rows = async () => (await byToken('sessions')).out.trim().split('\n')
  const [headings, own, ...others] = await waitFor(
    async () => {
      const seen = await rows()
      return seen.length === 2 ? seen : undefined
    },
    { what: 'one session alone', timeoutMs: 60_000 }
  )
  t.match(headings, /^SESSION +USER +FROM +BEGUN +USED$/)
  t.match(own, /^\S+ +ada +127\.0\.0\.1 /)
  t.strictSame(others, [])
  const [id = ''] = own?.split(' ') ?? []
  t.match(await byToken('end', id), {
    code: 0,
    out: `session ${id} has ended\n`
  })
  t.match(await byToken('list'), { code: 2, said: /AUT_REVOKED/ })
})

t.test('personal tokens are listed and revoked; --as goes before a token of the environment', async t => {
  const make = async (token: string, name: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const body = JSON.stringify({ name, scopes: ['read'] })
    const made = await fetch(`${api.address}/api/tokens`, { method: 'POST', headers, body })
    return (await made.json()) as MadePersonalTokenAnswer
  }
  const logIn = { name: 'ada', password: OWN, cookies: false }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(logIn)
  const session = await fetch(`${api.address}/api/session`, { method: 'POST', headers, body })
  const { token: access } = (await session.json()) as LoggedInAnswer
  const { token, personalToken } = await make(access, 'night plan')
  const env = { MERIDIAN_TOKEN: token }
  t.match(await users(['list'], undefined, env), {
    code: 2,
    said: /^RUN_REFUSED: .*AUT_NOT_FOR_TOKENS: .*MERIDIAN_TOKEN must be an access token/
  })
  const listed = await waitFor(
    async () => {
      const run = await users(asAda('tokens'), [OWN], env)
      return run.out.includes(personalToken.id) ? run : undefined
    },
    { what: 'the token in the list', timeoutMs: 60_000 }
  )
  t.match(listed, { code: 0, said: /^MERIDIAN_TOKEN is left alone: --as ada says who asks\n$/ })
  t.match(
    listed.out,
    /^TOKEN +USER +FOR +SCOPES +ENDS +USED\n\w{12} +ada +night plan +read +\d{4}-\S+ \S+ UTC .+ UTC from 127\.0\.0\.1\n$/
  )
  t.notMatch((await users(asAda('tokens', 'bob'), [OWN])).out, personalToken.id)
  const revoked = await users(['revoke', personalToken.id], [], { MERIDIAN_TOKEN: access })
  t.match(revoked, { code: 0, out: `personal token ${personalToken.id} is revoked\n`, said: '' })
  t.match(await users(asAda('revoke', 'nothere'), [OWN]), { code: 2, said: /AUT_UNKNOWN_PERSONAL_TOKEN/ })
})

t.test('where people log in through a provider, an access token of a browser asks', async t => {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const redirectUrl = `${address}/api/session/oidc/callback`
  const provider = await startOidcProvider({
    people: { s1: { preferred_username: 'grace', groups: ['chiefs'] } },
    redirectUrls: [redirectUrl]
  })
  t.teardown(() => provider.stop())
  const folder = t.testdir({
    'site.yaml':
      'name: summit\ninstances: { MTMount: [0] }\nroles: { chief: { read: [">"], users: true, groups: [chiefs] } }\n',
    secret: provider.clientSecret
  })
  const apiOfProvider = await startSiteService('api', nats, {
    ...{ AUTH_MODE: 'oidc', PORT: String(port), SITE_FILE: `${folder}/site.yaml`, OPEN_ROLE: 'chief' },
    ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: provider.clientId, OIDC_REDIRECT_URL: redirectUrl },
    ...{ OIDC_CLIENT_SECRET_FILE: `${folder}/secret`, OIDC_SCOPE: 'openid profile groups' }
  })
  t.teardown(() => apiOfProvider.stop())
  const denied = /^RUN_REFUSED: .*AUT_NO_PASSWORDS: .*meridian_access.*MERIDIAN_TOKEN.*\n$/
  for (const args of [asAda('list'), ['first', 'ada']])
    t.match(
      await users(args, undefined, {}, address),
      { code: 2, out: '', said: denied },
      'before any question'
    )
  const begun = await fetch(`${address}/api/session/oidc`, { redirect: 'manual' })
  const back = await passProvider(provider, begun.headers.get('location') ?? '', 's1')
  const cookie = begun.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
  const entered = await fetch(back, { headers: { cookie }, redirect: 'manual' })
  const [, token = ''] = /meridian_access=([^;]+)/.exec(entered.headers.getSetCookie().join('\n')) ?? []
  const listed = await waitFor(
    async () => {
      const run = await users(['list'], [], { MERIDIAN_TOKEN: token }, address)
      return run.code !== 0 || run.out.includes('grace') ? run : undefined
    },
    { what: 'the user of the provider in the list', timeoutMs: 60_000 }
  )
  t.match(listed, { code: 0, out: /\nada .* password .*\ngrace +chief +provider /, said: '' })
  const unusable =
    /^RUN_REFUSED: .*AUT_NO_PASSWORDS: .*:\d+\. Users, their names and roles are the provider's.*\n$/
  for (const args of [['add', 'bob', '--role', 'chief'], ['password'], ['password', 'ada']]) {
    const run = await users(args, [], { MERIDIAN_TOKEN: token }, address)
    t.match(run, { code: 2, out: '', said: unusable }, `before any question: ${args.join(' ')}`)
  }
})

t.test('what cannot be done is told in a line with a code', async t => {
  t.match(await users(['list']), { code: 2, said: /^RUN_BAD_OPTION: .*--as <name>/ })
  t.match(await users(asAda('list')), { code: 2, said: /^RUN_BAD_OPTION: .*password of ada.*standard input/ })
  t.match(await users(asAda('end', '-abc'), [OWN]), { code: 2, said: /AUT_UNKNOWN_SESSION/ })
  t.match(await users(asAda('add', 'carl')), { code: 2, said: /^RUN_BAD_OPTION: .*--role/ })
  t.match(await users(asAda('frob')), { code: 2, said: /^RUN_BAD_OPTION: / })
  t.match(await users(['--api', 'http://127.0.0.1:9', ...asAda('list')], [OWN]), {
    code: 2,
    said: /^RUN_NO_API: .*127\.0\.0\.1:9.*\n$/
  })
  t.match(await users(asAda('add', 'carl', '--role', 'viewer'), [OWN, 'short']), { code: 2, said: /AUT_/ })
})

function firstToken(): { readonly value: string } | undefined {
  const [, value] = api.lines.map(line => /"token":"([^"]+)"/.exec(line)).find(found => found !== null) ?? []
  return value === undefined ? undefined : { value }
}

t.test('at a system with HTTPS the CA of its folder is trusted, and no other', async t => {
  const data = t.testdir()
  const { folder: keys } = ensureBrokerKeys(data, 'summit')
  const { certFile, keyFile } = frontFilesOf(keys)
  const server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    (request, response) => response.end(JSON.stringify({ users: [], unreadable: [], asked: request.url }))
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  writeFileSync(`${data}/run.json`, JSON.stringify({ url, nats: 'nats://x', keys, site: 'summit' }))
  const env = { MERIDIAN_TOKEN: 'token' }
  const run = (...args: string[]) => users(['--api', url, ...args], [], env)
  t.match(await run('--data', data, 'list'), { code: 0, out: /NAME/ })
  t.match(await run('--data', `${data}/keys`, 'list'), { code: 2, said: /^RUN_NO_API: .*(certificate|CERT)/ })
})
