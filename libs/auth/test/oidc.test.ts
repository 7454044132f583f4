/** Log-ins through a real provider in this process, where its clock and ours can be moved. */
import { join } from 'node:path'
import { waitFor } from '@meridian/testing'
import { passProvider, startOidcProvider, type TestProvider } from '@meridian/testing/openid-provider'
import t, { type Test } from 'tap'
import { createSigner, type TokenSigner } from '../src/index.ts'
import {
  createOidcLogIn,
  createPendingLogIns,
  createProvider,
  createProviderUsers,
  type OidcLogIn,
  type Provider
} from '../src/oidc/index.ts'
import type { PendingLogIns } from '../src/oidc/pending-log-in.ts'
import { createPublicKeys, type PublicKeys } from '../src/tokens/public-keys.ts'
import {
  type AuditBudget,
  type AuthEvent,
  createAuditBudget,
  createPersonalTokens,
  createSessions,
  type Sessions
} from '../src/users/index.ts'
import { openUsers, siteRoles, spend, type UsersWorld } from './harness.ts'

const people = { s1: { preferred_username: 'ada', name: 'Ada L.', groups: ['staff'] } }
const redirectUrl = new URL('http://127.0.0.1:9/api/session/oidc/callback')
const from = { address: '10.0.0.1', userAgent: 'test' }

interface World {
  readonly at: TestProvider
  readonly logIn: OidcLogIn
  readonly provider: Provider
  readonly sessions: Sessions
  readonly budget: AuditBudget
  readonly users: UsersWorld
  readonly pendingLogIns: PendingLogIns
  readonly signer: TokenSigner
  readonly keys: PublicKeys
}

async function open(t: Test, { userinfoOnly = false, isAwaited = true } = {}): Promise<World> {
  const users = await openUsers(t)
  const { broker, log, clock, revoker } = users
  const at = await startOidcProvider({ people, userinfoOnly, redirectUrls: [redirectUrl.href] })
  t.teardown(() => at.stop())
  const keys = createPublicKeys({ broker, name: 'test', log })
  await keys.start()
  t.teardown(() => keys.stop())
  const signer = createSigner({ broker, site: 'summit', keys })
  const audit = (): void => undefined
  const tell = (event: AuthEvent): void => void users.events.push(event)
  const sessions = createSessions({
    ...{ broker, users: users.users, signer, revoker, clock, audit, held: new Map(), userList: new Map() }
  })
  const options = {
    ...{ issuer: new URL(at.issuer), title: 'here', clientId: at.clientId, redirectUrl },
    clientSecretFile: join(t.testdir({ secret: at.clientSecret }), 'secret'),
    ...{ scope: 'openid profile groups', nameClaim: 'preferred_username', rolesClaim: 'groups' },
    ...{ sessionMs: 3_600_000, tokensMs: 86_400_000, groups: new Map([['viewer', ['staff']]]) }
  }
  const provider = createProvider(options, log)
  t.teardown(() => provider.stop())
  provider.start()
  if (isAwaited) await waitFor(() => provider.whyAway() === undefined, { what: 'the provider is known' })
  const pendingLogIns = createPendingLogIns({ site: 'summit', signer, keys })
  const budget = createAuditBudget(clock.nowMs)
  const logIn = createOidcLogIn({
    ...{ options, provider, sessions, budget, audit, log },
    pendingLogIns,
    users: createProviderUsers({ broker, siteRoles, revoker, clock, audit: tell })
  })
  return { at, logIn, provider, sessions, budget, users, pendingLogIns, signer, keys }
}

async function pass({ at, logIn }: World) {
  const { address, text } = await logIn.begin('/', from)
  const back = await passProvider(at, address, 's1')
  return logIn.finish(await logIn.pending(text, from), back.search, from)
}

t.test(
  'a provider that signs with another key is followed after a minute, and meanwhile it is said when',
  async t => {
    const world = await open(t)
    t.match(await pass(world), { name: 'ada', roles: ['viewer'] })
    await pass(world)
    const asked = () => world.at.requests.filter(request => request === 'GET /jwks').length
    t.equal(asked(), 1, 'keys are kept')
    world.at.rotateKeys()
    await t.rejects(
      pass(world),
      { code: 'AUT_PROVIDER_NEW_KEY', facts: { retryAfterSeconds: 60 } },
      'whoever makes up keys does not make us ask all the time'
    )
    const { now } = Date
    t.teardown(() => {
      Date.now = now
    })
    Date.now = () => now() + 61_000
    t.match(await pass(world), { name: 'ada' })
    t.equal(asked(), 2)
  }
)

t.test('nobody is sent to a provider that has just gone', async t => {
  const { at, logIn, provider, users } = await open(t)
  t.ok(await logIn.begin('/', from))
  const asked = () => at.requests.filter(request => request.includes('openid-configuration')).length
  const before = asked()
  t.ok(await logIn.begin('/', from), 'what was answered lately is not asked again')
  t.equal(asked(), before)
  const { now } = performance
  t.teardown(() => {
    performance.now = now
  })
  performance.now = () => now.call(performance) + 6_000
  await Promise.all([1, 2, 3].map(() => logIn.begin('/', from)))
  t.equal(asked(), before + 1, 'who asks at the same time shares the answer')
  await at.stop()
  performance.now = () => now.call(performance) + 12_000
  for (let asked = 0; asked < 40; asked++) {
    await t.rejects(logIn.begin('/', from), { code: 'AUT_PROVIDER_AWAY' })
    await users.users.find('nobody')
  }
  t.ok(provider.failures() < 10, 'who comes while it is away does not make us ask')
})

t.test('who comes before the first answer of the provider waits for it', async t => {
  const { logIn, provider } = await open(t, { isAwaited: false })
  t.match(provider.whyAway(), /has not answered yet/)
  t.ok(await logIn.begin('/', from))
})

t.test('a log-in at which the provider fails keeps nobody else out', async t => {
  const world = await open(t)
  const { at, provider, users } = world
  at.tamper(() => {
    throw new Error('broken by this code')
  })
  for (const _ of [1, 2]) await t.rejects(pass(world), { code: 'AUT_PROVIDER_AWAY' })
  t.equal(provider.whyAway(), undefined)
  t.equal(provider.failures(), 2)
  const told = users.log.records.filter(({ msg }) => msg === 'OpenID provider failed at a log-in')
  t.match(told, [{ issuer: /127/, reason: /status code 500/, times: 1 }], 'told once a minute')
  at.tamper(undefined)
  t.match(await pass(world), { name: 'ada' })
})

t.test('what the ID token lacks is asked of the userinfo endpoint', async t => {
  const world = await open(t, { userinfoOnly: true })
  t.match(await pass(world), { name: 'ada', roles: ['viewer'] })
  t.ok(world.at.requests.includes('GET /me'))
  t.match(await world.users.users.find('ada'), { fullName: 'Ada L.', provider: { subject: 's1' } })
})

t.test('the session ends at its age, however often it is refreshed', async t => {
  const world = await open(t)
  const { sessions, users } = world
  let { refresh = '' } = await pass(world)
  users.clock.ms += 3_599_000
  ;({ refresh = '' } = await sessions.refresh(refresh, from))
  users.clock.ms += 2_000
  await t.rejects(sessions.refresh(refresh, from), { code: 'AUT_SESSION_ENDED' })
})

t.test('nobody fills the audit by logging in through a provider', async t => {
  const world = await open(t)
  spend(world.budget, `${world.at.issuer} s1`)
  await t.rejects(pass(world), { code: 'AUT_TOO_OFTEN' })
  t.equal(await world.users.users.find('ada'), undefined, 'nothing is written of him')
  world.users.clock.ms += 60_000
  t.match(await pass(world), { name: 'ada' })
})

t.test('who has lost his last group is refused, and what he had begun ends', async t => {
  const world = await open(t)
  const { broker, users, clock, revoker, revoked, events } = world.users
  const { refresh = '' } = await pass(world)
  const before = await users.find('ada')
  const tokens = createPersonalTokens({
    ...{ broker, users, signer: world.signer, revoker, clock, budget: world.budget, audit: () => undefined },
    ...{ held: { values: new Map(), revision: () => 0 }, userList: new Map(), areTaken: () => true }
  })
  const { generation = '' } = before ?? {}
  const maker = { name: 'ada', address: from.address, generation }
  const { text } = await tokens.make(maker, { name: 'x', scopes: ['read'] })
  people.s1.groups = ['visitors']
  t.teardown(() => {
    people.s1.groups = ['staff']
  })
  for (const again of [false, true]) {
    await t.rejects(pass(world), { code: 'AUT_NO_ROLE' }, `again: ${again}`)
    const { roles, version, disabled } = (await users.find('ada')) ?? {}
    t.same({ roles, version, disabled }, { roles: [], version: 2, disabled: false })
  }
  t.equal(revoked[0], 'user ada: roles changed')
  t.equal(events.filter(({ what }) => what === 'user-changed').length, 1, 'told once')
  await t.rejects(world.sessions.refresh(refresh, from), { code: 'AUT_SESSION_ENDED' })
  await t.rejects(tokens.exchange(text, '10.0.0.9'), { code: 'AUT_TOKEN_ENDED' })

  people.s1.groups = ['staff']
  t.match(await pass(world), { roles: ['viewer'] })
  t.not((await users.find('ada'))?.generation, before?.generation)
  await t.rejects(tokens.exchange(text, '10.0.0.9'), { code: 'AUT_TOKEN_ENDED' }, 'for good')
})

t.test('a log-in that was begun is good for ten minutes', async t => {
  const { pendingLogIns, signer, keys } = await open(t)
  const { text } = await pendingLogIns.begin('/x')
  t.match(await pendingLogIns.read(text), { page: '/x' })
  const signOther: typeof signer.signOther = (type, claims) => signer.signOther(type, claims, -31)
  const old = createPendingLogIns({ site: 'summit', signer: { signOther }, keys })
  await t.rejects(pendingLogIns.read((await old.begin('/')).text), { code: 'AUT_LOG_IN_LOST' })
  const elsewhere = createPendingLogIns({ site: 'base', signer, keys })
  await t.rejects(elsewhere.read(text), { code: 'AUT_LOG_IN_LOST' }, 'of another site')
})
