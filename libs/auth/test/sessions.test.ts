import { waitFor } from '@meridian/testing'
import t from 'tap'
import { SESSION_LIMITS } from '../src/users/index.ts'
import { GOOD, root } from './harness.ts'
import { eve, here, setUp } from './session-world.ts'

const refreshOf = ({ refresh }: { readonly refresh?: string }): string => refresh ?? ''
const ended = { code: 'AUT_SESSION_ENDED' }

t.test('a log-in begins a session, of which nothing is stored that continues it', async t => {
  const { logIn, sessions, users, clock, raw } = await setUp(t)
  const done = await logIn.logIn('EVE', GOOD, here)
  t.match(done, { name: 'eve', roles: ['viewer'], expiresAt: clock.ms / 1_000 + 300 })
  t.same(JSON.parse(done.token), {
    ...{ name: 'eve', roles: ['viewer'], userRevision: (await users.find('eve'))?.revision },
    ...{ session: done.session, host: here.address }
  })
  const stored = JSON.stringify((await raw.get(done.session))?.value)
  for (const part of refreshOf(done).split('.')) t.notMatch(stored, part)
  t.match(await sessions.find(done.session), {
    ...{ user: 'eve', address: here.address, begunAt: clock.ms, usedAt: clock.ms }
  })
  t.equal((await sessions.find(done.session))?.userAgent.length, SESSION_LIMITS.userAgent)
})

t.test('a refresh goes on with the next token; an old one, however old, ends the session', async t => {
  for (const refreshes of [1, 2, 5]) {
    const { logIn, sessions, clock, revoked, events } = await setUp(t)
    const first = await logIn.logIn('eve', GOOD, here)
    let last = first
    for (let i = 0; i < refreshes; i++) {
      clock.ms += 60_000
      last = await sessions.refresh(refreshOf(last), here)
    }
    t.not(refreshOf(last), refreshOf(first))
    clock.ms += SESSION_LIMITS.graceMs + 1
    await t.rejects(sessions.refresh(refreshOf(first), { ...here, address: '192.0.2.7' }), ended)
    t.same(revoked, [`session ${first.session}: an old refresh token was shown`])
    t.match(events.at(-2), { what: 'refresh-reused', name: 'eve', address: '192.0.2.7' })
    await t.rejects(sessions.refresh(refreshOf(last), here), ended, 'for the thief and for the owner')
  }
})

t.test('two tabs that refresh at once both go on', async t => {
  const { logIn, sessions, clock, revoked } = await setUp(t)
  const first = await logIn.logIn('eve', GOOD, here)
  const both = await Promise.all([1, 2, 3].map(() => sessions.refresh(refreshOf(first), here)))
  t.equal(both.filter(({ refresh }) => refresh !== undefined).length, 1, 'there is one next token')
  clock.ms += SESSION_LIMITS.graceMs
  t.notOk((await sessions.refresh(refreshOf(first), here)).refresh)
  const next = both.find(({ refresh }) => refresh !== undefined)
  t.ok((await sessions.refresh(refreshOf(next ?? {}), here)).refresh)
  t.same(revoked, [])
})

t.test('what is no token of a session continues none and ends none', async t => {
  const { logIn, sessions, revoked } = await setUp(t)
  const done = await logIn.logIn('eve', GOOD, here)
  const [, family, secret] = refreshOf(done).split('.')
  const other = 'A'.repeat(22)
  for (const wrong of [
    ...['', '.', '..', refreshOf(done).slice(1), `${refreshOf(done)}x`, 'x'.repeat(10_000)],
    ...[`${other}.${family}.${secret}`, `${done.session}.${other}.${secret}`, `_first.${family}.${secret}`]
  ]) {
    await t.rejects(sessions.refresh(wrong, here), ended)
    t.equal(await sessions.sessionOf(wrong), undefined)
  }
  t.same(revoked, [])
  t.equal(await sessions.sessionOf(refreshOf(done)), done.session)
  t.ok((await sessions.refresh(refreshOf(done), here)).refresh)
})

t.test('a session ends 12 hours after its last use, and 30 days after it began', async t => {
  const { logIn, sessions, clock } = await setUp(t)
  const idle = await logIn.logIn('eve', GOOD, here)
  let used = await logIn.logIn('eve', GOOD, here)
  for (let hours = 0; hours < 30 * 24 - 10; hours += 10) {
    clock.ms += 10 * 3_600_000
    used = await sessions.refresh(refreshOf(used), here)
  }
  await t.rejects(sessions.refresh(refreshOf(idle), here), ended)
  const listed = (): string =>
    sessions
      .list()
      .map(({ id }) => id)
      .join()
  await waitFor(() => listed() === used.session, { what: 'the list of the one that lasts' })
  clock.ms += 10 * 3_600_000
  await t.rejects(sessions.refresh(refreshOf(used), here), ended)
  await sessions.sweep()
  t.equal(await sessions.find(idle.session), undefined)
  t.equal(await sessions.find(used.session), undefined)
})

t.test('what is changed of a user holds at the next refresh', async t => {
  const { logIn, sessions, users } = await setUp(t)
  const log = () => logIn.logIn('eve', GOOD, here)
  let done = await log()
  await users.change(root, 'eve', { roles: ['viewer', 'chief'] })
  done = await sessions.refresh(refreshOf(done), here)
  t.same(done.roles, ['viewer', 'chief'])
  await users.change(root, 'eve', { disabled: true })
  await t.rejects(sessions.refresh(refreshOf(done), here), ended)
  await users.change(root, 'eve', { disabled: false })
  await t.rejects(sessions.refresh(refreshOf(done), here), ended, 'for good')
  const second = await log()
  await logIn.changePassword('eve', { old: GOOD, new: `${GOOD}2` }, here)
  await t.rejects(sessions.refresh(refreshOf(second), here), ended)
  await t.rejects(log(), { code: 'AUT_WRONG_LOGIN' })
  const third = await logIn.logIn('eve', `${GOOD}2`, here)
  await users.remove(root, 'eve')
  await users.make(root, eve)
  await t.rejects(sessions.refresh(refreshOf(third), here), ended, 'another one of the same name')
})

t.test('a token with roles that were taken while it was made ends with those of before', async t => {
  const { logIn, sessions, users, onSign, endedBefore, revoked } = await setUp(t)
  const done = await logIn.logIn('ada', GOOD, here)
  await users.make(root, { ...eve, name: 'bob', roles: ['keeper'] })
  const isGood = ({ token }: { readonly token: string }): boolean =>
    JSON.parse(token).userRevision >= (endedBefore.get('ada') ?? 0)
  onSign(async () => void (await users.change(root, 'ada', { roles: ['viewer'] })))
  const old = await sessions.refresh(refreshOf(done), here)
  t.same([JSON.parse(old.token).roles, isGood(old)], [['keeper'], false])
  const next = await sessions.refresh(refreshOf(old), here)
  t.same([JSON.parse(next.token).roles, isGood(next)], [['viewer'], true])
  await users.change(root, 'ada', { fullName: 'Ada L.' })
  t.ok(isGood(next), 'what takes no right ends no token')
  onSign(async () => void (await users.change(root, 'ada', { disabled: true })))
  const last = await sessions.refresh(refreshOf(next), here)
  t.notOk(isGood(last))
  await t.rejects(sessions.refresh(refreshOf(last), here), ended)
  t.match(revoked.at(-1), `session ${done.session}`)
})

t.test('of a user who is removed and made anew the tokens of before have ended, and no others', async t => {
  const { logIn, users, endedBefore } = await setUp(t)
  const revisionOf = async (): Promise<number> =>
    JSON.parse((await logIn.logIn('eve', GOOD, here)).token).userRevision
  const before = await revisionOf()
  await users.remove(root, 'eve')
  t.ok(before < (endedBefore.get('eve') ?? 0))
  await users.make(root, eve)
  t.ok((await revisionOf()) > (endedBefore.get('eve') ?? Number.POSITIVE_INFINITY))
})

t.test('a log-out ends one session, its token included', async t => {
  const { logIn, sessions, revoked } = await setUp(t)
  const [one, two] = [await logIn.logIn('eve', GOOD, here), await logIn.logIn('eve', GOOD, here)]
  await sessions.end(one.session, { name: 'eve', address: here.address })
  await t.rejects(sessions.refresh(refreshOf(one), here), ended)
  t.ok(await sessions.refresh(refreshOf(two), here))
  t.same(revoked, [`session ${one.session}: ended by eve`])
  await sessions.end(one.session, { name: 'eve', address: here.address })
  t.equal(revoked.length, 2, 'again, where the first time may have failed half way')
})

t.test(
  'sessions of a user who is disabled, removed or given another password are listed no more',
  async t => {
    const { logIn, sessions, users } = await setUp(t)
    const listed = (count: number, what: string): Promise<unknown> =>
      waitFor(() => sessions.list().length === count, { what })
    await logIn.logIn('eve', GOOD, here)
    await listed(1, 'it is listed')
    await users.change(root, 'eve', { disabled: true })
    await listed(0, 'he is disabled')
    await users.change(root, 'eve', { disabled: false })
    await logIn.logIn('eve', GOOD, here)
    await listed(1, 'the new one alone is listed')
    await users.change(root, 'eve', { password: `${GOOD} and more` })
    await listed(0, 'he has another password')
    await logIn.logIn('eve', `${GOOD} and more`, here)
    await listed(1, 'the newest is listed')
    await users.remove(root, 'eve')
    await listed(0, 'he is removed')
  }
)

t.test('the audit says whose session was ended, and what somebody has and may after a change', async t => {
  const { logIn, sessions, users, events } = await setUp(t)
  const of = (what: string) => events.filter(event => event.what === what)
  const ended = [await logIn.logIn('eve', GOOD, here), await logIn.logIn('eve', GOOD, here)]
  await waitFor(() => sessions.list().length === 2, { what: 'they are known' })
  const [one = '', two = ''] = ended.map(({ session }) => session)
  await sessions.end(one, { name: 'ada', address: here.address })
  await sessions.end(two, { name: 'eve', address: here.address }, 'log-out')
  t.match(of('session-ended'), [{ name: 'eve', by: 'ada', session: one }])
  t.match(of('log-out'), [{ name: 'eve', by: 'eve', session: two }])
  await users.change(root, 'eve', { roles: ['keeper'], disabled: true })
  t.match(of('user-changed').at(-1), { name: 'eve', roles: ['keeper'], disabled: true })
  t.match(of('user-made').at(-1), { name: 'eve', roles: ['viewer'] })
  await t.rejects(sessions.refresh('', here), { code: 'AUT_SESSION_ENDED' })
  t.equal(of('refresh-refused').length, 0, 'a page that only asks is no news')
})

t.test('a session that several end at once is told to have ended once', async t => {
  const { logIn, sessions, clock, events } = await setUp(t)
  const told = (what: string): number => events.filter(event => event.what === what).length
  const one = await logIn.logIn('eve', GOOD, here)
  const actor = { name: 'eve', address: here.address }
  await Promise.all(Array.from({ length: 20 }, () => sessions.end(one.session, actor)))
  t.equal(told('session-ended'), 1)
  const two = await logIn.logIn('eve', GOOD, here)
  await sessions.refresh(refreshOf(two), here)
  clock.ms += SESSION_LIMITS.graceMs + 1
  const reused = Array.from({ length: 20 }, () => sessions.refresh(refreshOf(two), here).catch(() => {}))
  await Promise.all(reused)
  t.equal(told('refresh-reused'), 1)
})

t.test('a session whose id begins with an underscore is listed as any other', async t => {
  const { logIn, sessions, raw } = await setUp(t)
  const { session } = await logIn.logIn('eve', GOOD, here)
  const other = `_${session.slice(1)}`
  await raw.put(other, (await raw.get(session))?.value ?? {})
  await waitFor(() => sessions.list().some(({ id }) => id === other), { what: 'the other one' })
})

t.test('one user has so many sessions; one more ends the oldest', async t => {
  const { users, sessions, clock } = await setUp(t)
  const user = await users.find('eve')
  if (user === undefined) throw new Error('no eve')
  const ids: string[] = []
  const begin = async (): Promise<void> => {
    clock.ms += 1
    ids.push((await sessions.begin('eve', user, here)).session)
  }
  for (let i = 0; i < SESSION_LIMITS.perUser; i++) await begin()
  await waitFor(() => sessions.list().length === SESSION_LIMITS.perUser, { what: 'the list of all' })
  await begin()
  t.equal(await sessions.find(ids[0] ?? ''), undefined)
  t.ok(await sessions.find(ids[1] ?? ''))
})
