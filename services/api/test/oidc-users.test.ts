/** Users whom an OpenID provider names: who stays out, roles and their changes, names, and personal tokens. */
import type { StoredUser } from '@meridian/auth/users'
import { openBucket } from '@meridian/broker'
import type { MadePersonalTokenAnswer, UserAnswer, UsersAnswer } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { openSite, post } from './harness.ts'
import { Browser, isReady, openOidc, people, refused } from './oidc-harness.ts'

const { nats, broker } = await openSite(t, { buckets: true })
const world = await openOidc(t, nats)
const { provider } = world
const { address } = await world.startApi()
await waitFor(isReady(address), { what: 'the provider is known' })

t.test('who is disabled here stays out, whatever the provider says', async t => {
  const [root, ada] = [new Browser(), new Browser()]
  await root.logIn(provider, address, 's2')
  await ada.logIn(provider, address, 's1')
  const change = (name: string, body: object) =>
    root.ask(address, `/api/users/${name}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  t.match(await change('ada', { disabled: true }), { status: 200, body: { ofProvider: true } })
  t.match(
    await ada.ask(address, '/api/session/refresh', { method: 'POST' }),
    refused(401, 'AUT_SESSION_ENDED')
  )
  t.match(await new Browser().logIn(provider, address, 's1'), refused(403, 'AUT_USER_DISABLED'))
  people.s1['preferred_username'] = 'ada2'
  t.match(
    await new Browser().logIn(provider, address, 's1'),
    refused(403, 'AUT_USER_DISABLED'),
    'by another name'
  )
  for (const body of [
    { roles: ['administrator'] },
    { fullName: 'X' },
    { fullName: '', roles: ['administrator'] },
    { password: 'correct horse battery' }
  ])
    t.match(await change('ada', body), refused(409, 'AUT_OF_PROVIDER'))
  t.match(await change('ada', { disabled: false }), { status: 200 })
  const again = new Browser()
  t.match(await again.logIn(provider, address, 's1'), { status: 302 })
  t.match(
    await again.ask(address, '/api/me'),
    { body: { name: 'ada' } },
    'he keeps the name of his first log-in'
  )
  people.s1['preferred_username'] = 'Ada'
})

t.test('roles are those of the last log-in, and others end at once', async t => {
  const [first, second] = [new Browser(), new Browser()]
  await first.logIn(provider, address, 's1')
  t.match(await first.ask(address, '/api/me'), { body: { roles: ['operator'] } })
  people.s1['groups'] = ['chiefs']
  t.teardown(() => {
    people.s1['groups'] = ['night-crew']
  })
  t.match(await first.ask(address, '/api/session/refresh', { method: 'POST' }), {
    body: { roles: ['operator'] }
  })
  await second.logIn(provider, address, 's1')
  t.match(await second.ask(address, '/api/me'), { status: 200, body: { roles: ['administrator'] } })
  await waitFor(async () => (await first.ask(address, '/api/me')).status === 401, {
    what: 'the old roles end'
  })
  t.match(await first.ask(address, '/api/session/refresh', { method: 'POST' }), {
    body: { roles: ['administrator'] }
  })
})

t.test('nobody takes over the name of another user', async t => {
  t.match(
    await new Browser().logIn(provider, address, 's5'),
    refused(409, 'AUT_NAME_TAKEN'),
    'of the provider'
  )
  const now = Date.now()
  await openBucket(broker, 'auth_users').put('local', {
    ...{ fullName: 'Local', roles: ['administrator'], disabled: false, passwordHash: 'x', generation: 'x' },
    ...{ madeAt: now, madeBy: 'x', changedAt: now, changedBy: 'x', version: 1 }
  })
  t.match(
    await new Browser().logIn(provider, address, 's6'),
    refused(409, 'AUT_NAME_TAKEN'),
    'with a password'
  )
  const root = new Browser()
  await root.logIn(provider, address, 's2')
  const users = async () => (await root.ask<UsersAnswer>(address, '/api/users')).body.users
  await waitFor(async () => (await users()).length === 3, { what: 'the list' })
  const shown = (await users()).map(({ name, ofProvider }: UserAnswer) => [name, ofProvider])
  t.same(shown, [
    ['ada', true],
    ['local', undefined],
    ['root', true]
  ])
  t.match(await root.ask(address, '/api/users/ada', { method: 'DELETE' }), { status: 204 })
  t.match(await new Browser().logIn(provider, address, 's5'), { status: 302 }, 'the name is free again')
  t.match(await new Browser().logIn(provider, address, 's1'), refused(409, 'AUT_NAME_TAKEN'))
})

t.test('personal tokens are good for some time after a log-in', async t => {
  const root = new Browser()
  await root.logIn(provider, address, 's2')
  const made = await root.ask<MadePersonalTokenAnswer>(address, '/api/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'script', scopes: ['read'] })
  })
  t.match(made, { status: 201 })
  const exchanged = () => post(address, '/api/session/token', { token: made.body.token })
  t.match(await exchanged(), { status: 200, body: { name: 'root' } })
  const users = openBucket<StoredUser>(broker, 'auth_users')
  const stored = await users.get('root')
  const { value } = stored ?? {}
  const loggedInAt = Date.now() - 31 * 86_400_000
  if (value?.provider) await users.put('root', { ...value, provider: { ...value.provider, loggedInAt } })
  t.match(await exchanged(), refused(401, 'AUT_TOKEN_ENDED'))
  t.match(
    await root.ask(address, '/api/session/refresh', { method: 'POST' }),
    { status: 200 },
    'sessions go on'
  )
  await new Browser().logIn(provider, address, 's2')
  t.match(await exchanged(), { status: 200 }, 'after the next log-in they are again')
})
