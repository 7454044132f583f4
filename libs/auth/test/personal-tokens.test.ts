import { openBucket } from '@meridian/broker'
import { PERSONAL_TOKEN_LIMITS } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import {
  createAuditBudget,
  createPersonalTokens,
  type NewToken,
  storedTokenSchema,
  storedUserSchema,
  watchRecords
} from '../src/users/index.ts'
import { GOOD, openUsers, root, spend } from './harness.ts'

const ADA = { name: 'ada', address: '10.0.0.1' }
const DAY_MS = 24 * 3_600_000
const ended = { code: 'AUT_TOKEN_ENDED' }
const plan = { name: 'night plan', scopes: ['read', 'command'] } as const

/** A user with tokens; an access token says what it was made for. */
async function setUp(t: Test) {
  const world = await openUsers(t)
  const { broker, log, users, revoker, clock, events } = world
  const watched = { name: 'check', log }
  const held = watchRecords(broker, { ...watched, bucket: 'auth_tokens', schema: storedTokenSchema })
  const userWatch = watchRecords(broker, { ...watched, bucket: 'auth_users', schema: storedUserSchema })
  t.teardown(() => Promise.all([held.stop(), userWatch.stop()]))
  await Promise.all([held.start(), userWatch.start()])
  await users.make(root, { name: 'ada', fullName: 'Ada', roles: ['chief'], password: GOOD })
  await waitFor(() => userWatch.values.has('ada'), { what: 'ada is known' })
  const signer = {
    sign: async (claims: object) => ({ token: JSON.stringify(claims), expiresAt: clock.ms / 1_000 + 300 })
  }
  const audit = (event: (typeof events)[number]): void => void events.push(event)
  const budget = createAuditBudget(clock.nowMs)
  /** Whether their user has logged in through a provider lately. */
  const login = { isRecent: true }
  const parts = {
    ...{ broker, signer, revoker, clock, budget, audit, held, userList: userWatch.values },
    users: { find: async (name: string) => (login.isRecent ? users.find(name) : undefined) },
    areTaken: () => login.isRecent
  }
  const tokens = createPersonalTokens(parts)
  const otherApi = createPersonalTokens(parts)
  const raw = openBucket<Record<string, unknown>>(broker, 'auth_tokens')
  /** Made by the session that one of its users has now. */
  const make = async (actor: typeof ADA, wanted: NewToken) =>
    tokens.make({ ...actor, generation: (await users.find(actor.name))?.generation ?? '' }, wanted)
  return {
    ...world,
    tokens: { ...tokens, make },
    madeBy: tokens.make,
    otherApi,
    login,
    budget,
    raw,
    watched: held,
    held: held.values,
    userList: userWatch.values
  }
}

t.test('a token is exchanged for what its scopes leave of the roles that the user has now', async t => {
  const { tokens, users, raw, clock } = await setUp(t)
  const { text, token } = await tokens.make(ADA, plan)
  t.match(token, { user: 'ada', name: 'night plan', usedAt: 0, expiresAt: clock.ms + 90 * DAY_MS })
  t.same(tokens.list(), [token], 'whoever made it sees it at once')
  const stored = JSON.stringify((await raw.get(token.id))?.value)
  t.notMatch(stored, text.slice(16, 48))
  const done = await tokens.exchange(text, '10.0.0.9')
  t.match(done, { name: 'ada', roles: ['chief'], session: token.id })
  t.same(JSON.parse(done.token), {
    ...{ name: 'ada', roles: ['chief'], userRevision: 1, session: token.id, host: '10.0.0.9' },
    scopes: ['read', 'command'],
    notAfter: (clock.ms + 90 * DAY_MS) / 1_000
  })
  await users.make(root, { name: 'bob', fullName: '', roles: ['chief'], password: GOOD })
  await users.change(root, 'ada', { roles: ['viewer'] })
  t.match(await tokens.exchange(text, '10.0.0.9'), { roles: ['viewer'] })
})

t.test('none is made by a session that has ended meanwhile, and so none lives again', async t => {
  const { users, madeBy } = await setUp(t)
  const begun = (await users.find('ada'))?.generation ?? ''
  await users.make(root, { name: 'bob', fullName: '', roles: ['chief'], password: GOOD })
  const ended = { code: 'AUT_SESSION_ENDED' }
  await users.change(root, 'ada', { disabled: true })
  const now = (await users.find('ada'))?.generation ?? ''
  await t.rejects(madeBy({ ...ADA, generation: now }, plan), ended, 'while he is disabled')
  await users.change(root, 'ada', { disabled: false })
  await t.rejects(madeBy({ ...ADA, generation: begun }, plan), ended, 'by a session of before')
  t.ok(await madeBy({ ...ADA, generation: now }, plan))
})

t.test('its last use is written once an hour, and never brings back a token that was revoked', async t => {
  const { tokens, raw, clock } = await setUp(t)
  const { text, token } = await tokens.make(ADA, plan)
  const first = clock.ms
  await tokens.exchange(text, '10.0.0.9')
  clock.ms += 3_599_000
  await tokens.exchange(text, '10.0.0.8')
  t.match((await raw.get(token.id))?.value, { usedAt: first, usedFrom: '10.0.0.9' })
  clock.ms += 1_000
  await tokens.exchange(text, '10.0.0.8')
  t.match((await raw.get(token.id))?.value, { usedAt: clock.ms, usedFrom: '10.0.0.8' })
  await tokens.revoke(token.id, root)
  await t.rejects(tokens.exchange(text, '10.0.0.8'), ended)
  t.equal(await raw.get(token.id), undefined)
})

t.test('it ends by being revoked, on its day, and with the user; all else is refused and told', async t => {
  const { tokens, users, events, revoked, clock, held } = await setUp(t)
  const short = await tokens.make(ADA, { ...plan, days: 1 })
  const long = await tokens.make(ADA, { ...plan, scopes: ['read'], days: 365 })
  const lost = await tokens.make(ADA, plan)
  await tokens.revoke(lost.token.id, root)
  t.same(revoked, [`session ${lost.token.id}: personal token revoked by root`])
  await t.rejects(tokens.exchange(lost.text, 'x'), ended)
  await t.rejects(tokens.revoke(lost.token.id, root), { code: 'AUT_UNKNOWN_PERSONAL_TOKEN' })
  await t.rejects(tokens.revoke('a.>', root), { code: 'AUT_UNKNOWN_PERSONAL_TOKEN' })
  clock.ms += DAY_MS
  await t.rejects(tokens.exchange(short.text, 'x'), ended)
  await tokens.exchange(long.text, 'x')
  await t.rejects(tokens.exchange(long.text.slice(0, -1), 'x'), { code: 'AUT_BAD_TOKEN' })
  const { generation } = (await users.find('ada')) ?? {}
  await users.make(root, { name: 'bob', fullName: '', roles: ['chief'], password: GOOD })
  await users.change(root, 'ada', { disabled: true })
  await users.change(root, 'ada', { disabled: false })
  t.not((await users.find('ada'))?.generation, generation)
  await t.rejects(tokens.exchange(long.text, 'x'), ended, 'as his sessions')
  t.same(
    events
      .filter(({ what }) => what.startsWith('token-'))
      .map(({ what, code, token }) => [what, code, token]),
    [
      ...Array.from({ length: 3 }, () => ['token-made', undefined, 'night plan']),
      ['token-revoked', undefined, 'night plan'],
      ['token-refused', 'AUT_TOKEN_ENDED', undefined],
      ['token-refused', 'AUT_TOKEN_ENDED', 'night plan'],
      ['token-used', undefined, 'night plan'],
      ['token-refused', 'AUT_BAD_TOKEN', undefined],
      ['token-refused', 'AUT_TOKEN_ENDED', 'night plan']
    ]
  )
  await waitFor(() => held.size === 2, { what: 'what was revoked is gone' })
  await waitFor(() => tokens.list().length === 0, { what: 'none is listed' })
  await tokens.sweep()
  await waitFor(() => held.size === 0, { what: 'none is kept' })
})

t.test('the right id with another secret opens nothing', async t => {
  const { tokens } = await setUp(t)
  const [one, two] = [await tokens.make(ADA, plan), await tokens.make(ADA, plan)]
  const { parsePersonalToken, personalTokenText } = await import('../src/personal-tokens/token-text.ts')
  const secret = parsePersonalToken(two.text)?.secret ?? ''
  await t.rejects(tokens.exchange(personalTokenText({ id: one.token.id, secret }), 'x'), ended)
})

t.test('a user has so many and no more, however fast they are asked for', async t => {
  const { tokens, users, held, userList } = await setUp(t)
  const { perUser } = PERSONAL_TOKEN_LIMITS
  const tries = Array.from({ length: perUser + 5 }, () => tokens.make(ADA, plan))
  const outcomes = await Promise.allSettled(tries)
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, perUser)
  await waitFor(() => held.size === perUser, { what: 'all are followed' })
  await t.rejects(tokens.make(ADA, plan), { code: 'AUT_TOO_MANY_TOKENS', facts: { limit: perUser } })
  await users.make(root, { name: 'eve', fullName: '', roles: [], password: GOOD })
  await waitFor(() => userList.has('eve'), { what: 'eve is known' })
  await tokens.make({ ...ADA, name: 'eve' }, plan)
  await waitFor(() => held.size === perUser + 1, { what: 'hers is followed' })
  await tokens.sweep()
  t.equal(held.size, perUser + 1, 'what is good stays')
})

t.test('nobody fills the audit by making and revoking tokens, and each revocation is told once', async t => {
  const { tokens, budget, clock, events } = await setUp(t)
  const { token } = await tokens.make(ADA, plan)
  spend(budget, 'ada')
  t.throws(() => tokens.admit(ADA), { code: 'AUT_TOO_OFTEN', facts: { retryAfterSeconds: 60 } })
  t.match(events.at(-1), { what: 'token-refused', name: 'ada', code: 'AUT_TOO_OFTEN' })
  const revoked = Array.from({ length: 20 }, () => tokens.revoke(token.id, root).catch(() => {}))
  await Promise.all(revoked)
  t.equal(events.filter(({ what }) => what === 'token-revoked').length, 1)
  t.equal(await tokens.find(token.id), undefined)
  clock.ms += 60_000
  tokens.admit(ADA)
})

t.test(
  'tokens of somebody who has not logged in for long wait: told as such, refused, kept, and good again',
  async t => {
    const { tokens, login, held } = await setUp(t)
    const { text, token } = await tokens.make(ADA, plan)
    await waitFor(() => held.has(token.id), { what: 'the token is followed' })
    t.match(tokens.list(), [{ id: token.id, waitsForLogIn: false }])
    login.isRecent = false
    t.match(tokens.list(), [{ id: token.id, waitsForLogIn: true }])
    await t.rejects(tokens.exchange(text, 'x'), { ...ended, message: /once he has/ })
    await tokens.sweep()
    t.ok(await tokens.find(token.id))
    login.isRecent = true
    t.match(await tokens.exchange(text, 'x'), { name: 'ada' })
  }
)

t.test('what another api has revoked is listed by none, whenever it was asked last', async t => {
  const { tokens, otherApi, held, watched } = await setUp(t)
  const { token } = await tokens.make(ADA, plan)
  await waitFor(() => held.has(token.id), { what: 'the token is followed' })
  const before = watched.revision()
  await otherApi.revoke(token.id, root)
  await waitFor(() => watched.revision() > before, { what: 'the revocation is followed' })
  t.same(tokens.list(), [])
})

t.test('one user whose record cannot be read keeps no token of others', async t => {
  const { tokens, users, broker, held, userList } = await setUp(t)
  await users.make(root, { name: 'eve', fullName: '', roles: [], password: GOOD })
  await waitFor(() => userList.has('eve'), { what: 'eve is known' })
  const spoilt = await tokens.make(ADA, plan)
  const { token } = await tokens.make({ ...ADA, name: 'eve' }, plan)
  await waitFor(() => held.size === 2, { what: 'both are followed' })
  await broker.request('$KV.auth_users.ada', 'no JSON', { timeoutMs: 2_000 })
  await users.remove(root, 'eve')
  await waitFor(() => userList.size === 0, { what: 'neither is known' })
  await tokens.sweep()
  t.equal(await tokens.find(token.id), undefined)
  t.ok(await tokens.find(spoilt.token.id), 'whose user may come back')
})
