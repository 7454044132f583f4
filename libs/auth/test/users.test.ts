import { openBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { createFirstAdministrator, storedUserSchema, type Users, watchRecords } from '../src/users/index.ts'
import { GOOD, openUsers, root, siteRoles } from './harness.ts'

const ada = { name: 'ada', fullName: 'Ada L.', roles: ['keeper'], password: GOOD }
const bob = { ...ada, name: 'bob', fullName: 'Bob' }
const eve = { ...ada, name: 'eve', fullName: 'Eve', roles: ['viewer'] }

t.test('a user is made once, changed and removed, and each is told', async t => {
  const { users, events, revoked, clock } = await openUsers(t)
  await users.make(root, ada)
  const made = await users.make(root, { ...eve, name: 'EVE' })
  t.same(made, {
    ...{ name: 'eve', fullName: 'Eve', roles: ['viewer'], disabled: false, version: 1 },
    ...{ madeAt: clock.ms, madeBy: 'root', changedAt: clock.ms, changedBy: 'root' }
  })
  await t.rejects(users.make(root, { ...eve, roles: ['keeper'] }), { code: 'AUT_USER_EXISTS' })
  const generation = async () => (await users.find('eve'))?.generation
  const first = await generation()
  clock.ms += 1_000
  t.match(await users.change(ada2, 'eve', { fullName: 'Eve X.' }), { fullName: 'Eve X.', roles: ['viewer'] })
  t.same(revoked, [], 'a name ends no tokens')
  t.match(await users.change(ada2, 'eve', { roles: ['keeper', 'keeper'] }), {
    ...{ version: 3, changedBy: 'ada', roles: ['keeper'] }
  })
  t.equal(await generation(), first, 'sessions stay')
  const told = events.length
  t.match(
    await users.change(root, 'eve', { version: 3 }),
    { version: 3, changedBy: 'ada' },
    'no change is none'
  )
  t.equal(events.length, told)
  await t.rejects(users.change(root, 'eve', { version: 2 }), { code: 'AUT_USER_CHANGED' })
  await users.change(root, 'eve', { disabled: false, roles: ['keeper'], fullName: 'Eve Y.' })
  t.match(events.at(-1), { what: 'user-changed', changed: ['fullName'] }, 'what differs is told')
  t.strictSame(events.at(-1)?.roles, undefined)
  t.equal(revoked.pop(), 'user eve: roles changed', 'named again, as it may have failed half way')
  await users.change(ada2, 'eve', { disabled: true })
  t.not(await generation(), first, 'sessions end')
  await users.change(ada2, 'eve', { password: `${GOOD}!` })
  await users.remove(ada2, 'eve')
  t.equal(await users.find('eve'), undefined)
  await t.rejects(users.remove(ada2, 'eve'), { code: 'AUT_UNKNOWN_USER' })
  await t.rejects(users.change(ada2, 'eve', {}), { code: 'AUT_UNKNOWN_USER' })
  t.same(revoked, [
    ...['user eve: roles changed', 'user eve: disabled', 'user eve: password changed'],
    'user eve: removed'
  ])
  t.match(events.at(-1), { what: 'user-removed', name: 'eve', by: 'ada' })
  t.notMatch(JSON.stringify(events), GOOD)
})
const ada2 = { name: 'ada', address: '10.0.0.1' }

t.test('what is wrong with a user is refused with a code and changes nothing', async t => {
  const { users, revoked } = await openUsers(t)
  await users.make(root, ada)
  for (const [wrong, code] of [
    [{ name: 'a.b' }, 'AUT_BAD_NAME'],
    [{ name: '_first' }, 'AUT_BAD_NAME'],
    [{ password: 'short' }, 'AUT_BAD_PASSWORD'],
    [{ roles: ['keper'] }, 'AUT_UNKNOWN_ROLE'],
    [{ roles: ['viewer', 'king'] }, 'AUT_UNKNOWN_ROLE']
  ] as const)
    await t.rejects(users.make(root, { ...eve, ...wrong }), { code }, JSON.stringify(wrong))
  await t.rejects(users.make(root, { ...eve, roles: ['keper'] }), { message: /did you mean 'keeper'/ })
  await t.rejects(users.change(root, 'ada', { roles: ['king'] }), { code: 'AUT_UNKNOWN_ROLE' })
  await t.rejects(users.change(root, 'ada', { password: 'ada' }), { code: 'AUT_BAD_PASSWORD' })
  await t.rejects(users.change(root, '_administrators', {}), { code: 'AUT_BAD_NAME' })
  t.equal((await users.find('ada'))?.version, 1)
  t.same(revoked, [])
})

t.test('two who change a user at the same time do not overwrite each other', async t => {
  const { users } = await openUsers(t)
  await users.make(root, ada)
  await users.make(root, eve)
  await users.change(root, 'eve', { fullName: 'first', version: 1 })
  await t.rejects(users.change(root, 'eve', { fullName: 'second', version: 1 }), { code: 'AUT_USER_CHANGED' })
  const both = await Promise.allSettled(
    ['one', 'two'].map(fullName => users.change(root, 'eve', { fullName }))
  )
  const done = both.filter(({ status }) => status === 'fulfilled').length
  t.equal((await users.find('eve'))?.version, 2 + done, 'none is lost in silence')
})

t.test('the last one who may manage users remains, whoever removes whom at the same time', async t => {
  const { users } = await openUsers(t)
  const refusal = { code: 'AUT_LAST_ADMINISTRATOR', facts: { user: 'ada' } }
  await users.make(root, ada)
  await users.make(root, eve)
  await t.rejects(users.change(root, 'ada', { disabled: true }), refusal)
  await t.rejects(users.change(root, 'ada', { roles: ['viewer'] }), refusal)
  await t.rejects(users.change(root, 'ada', { roles: [] }), refusal)
  await t.rejects(users.remove(root, 'ada'), refusal)
  t.match(await users.change(root, 'ada', { roles: ['chief'] }), { roles: ['chief'] }, 'another role will do')
  for (let round = 0; round < 10; round++) {
    await users.make(root, bob)
    const [first, second] = [round % 2 === 0 ? 'ada' : 'bob', round % 2 === 0 ? 'bob' : 'ada']
    await Promise.allSettled([
      users.change(root, first, { disabled: true }),
      users.change(root, second, { roles: ['viewer'] })
    ])
    const left = [await users.find('ada'), await users.find('bob')].filter(
      user => user?.disabled === false && !user.roles.includes('viewer')
    )
    t.ok(left.length >= 1, `round ${round}: ${left.length} left`)
    await users.change(root, 'ada', { disabled: false, roles: ['chief'] })
    await users.remove(root, 'bob')
  }
  await t.rejects(users.remove(root, 'ada'), refusal)
})

t.test('an administrator who was disabled behind the list does not count', async t => {
  const { users, broker } = await openUsers(t)
  await users.make(root, ada)
  await users.make(root, bob)
  const stored = await users.find('bob')
  await openBucket(broker, 'auth_users').put('bob', { ...stored, disabled: true })
  await t.rejects(users.remove(root, 'ada'), { code: 'AUT_LAST_ADMINISTRATOR' })
})

t.test('a record that is not one of ours is refused, and left out of lists', async t => {
  const { users, broker, log } = await openUsers(t)
  const bucket = openBucket<unknown>(broker, 'auth_users')
  await bucket.put('mallory', { roles: 'all' })
  await users.make(root, ada)
  await t.rejects(users.find('mallory'), { code: 'AUT_BAD_RECORD' })
  const watch = { bucket: 'auth_users', schema: storedUserSchema, name: 'check', log } as const
  const list = watchRecords(broker, watch)
  t.teardown(() => list.stop())
  await list.start()
  t.same([[...list.values.keys()], [...list.unreadable]], [['ada'], ['mallory']])
})

t.test('a user whose record cannot be read is told as such and can be removed, JSON or not', async t => {
  const { users, broker, log, events, revoked } = await openUsers(t)
  const watch = { bucket: 'auth_users', schema: storedUserSchema, name: 'check', log } as const
  const list = watchRecords(broker, watch)
  t.teardown(() => list.stop())
  await list.start()
  const spoil = async (name: string, text: string) => {
    await broker.request(`$KV.auth_users.${name}`, text, { timeoutMs: 2_000 })
    await waitFor(() => list.unreadable.has(name), { what: name })
  }
  await users.make(root, ada)
  await users.make(root, eve)
  await spoil('eve', '{"type":"io.nats.jetstream.api.v1.stream_info_response"}')
  await t.rejects(users.change(root, 'eve', { disabled: true }), { code: 'AUT_BAD_RECORD' })
  await users.remove(root, 'eve')
  t.equal(await users.find('eve'), undefined)
  await waitFor(() => list.unreadable.size === 0, { what: 'the removal' })
  t.match([events.at(-1), revoked.at(-1)], [{ what: 'user-removed', name: 'eve' }, 'user eve: removed'])

  await users.make(root, bob)
  await spoil('bob', 'no JSON')
  await t.rejects(users.find('bob'), { code: 'AUT_BAD_RECORD' })
  await t.rejects(users.remove(root, 'ada'), { code: 'AUT_LAST_ADMINISTRATOR' }, 'bob is none')
  await users.remove(root, 'bob')
  await users.make(root, bob)
  await broker.request('$KV.auth_users._administrators', 'no JSON', { timeoutMs: 2_000 })
  await users.change(root, 'ada', { fullName: 'A.' })
  await users.change(root, 'bob', { fullName: 'B.' })
  await users.remove(root, 'ada')
  t.match(await users.find('bob'), { roles: ['keeper'] }, 'the list of administrators is made anew')
})

t.test(
  'a taken name leaves the token for the first administrator valid, and a spoilt offer is followed by another',
  async t => {
    const { users, broker, log, clock } = await openUsers(t)
    const first = createFirstAdministrator({ broker, siteRoles, users, clock, log })
    const token = (): string => String(log.records.findLast(({ token }) => token !== undefined)?.['token'])
    await users.make(root, eve)
    await first.offer(0)
    await t.rejects(
      first.use('x'.repeat(32), eve, '::1'),
      { code: 'AUT_BAD_FIRST_TOKEN' },
      'nobody learns a name'
    )
    await t.rejects(first.use(token(), eve, '::1'), { code: 'AUT_USER_EXISTS' })
    await broker.request('$KV.auth_users._first', 'no JSON', { timeoutMs: 2_000 })
    await t.rejects(first.use(token(), ada, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
    await first.offer(0)
    t.match(await first.use(token(), ada, '::1'), { name: 'ada' })
  }
)

t.test('the token for the first administrator is logged once, by one of several, and used once', async t => {
  const { users, broker, log, clock } = await openUsers(t)
  const first = createFirstAdministrator({ broker, siteRoles, users, clock, log })
  const token = (): string =>
    String(log.records.findLast(record => typeof record['token'] === 'string')?.['token'])
  await Promise.all([first.offer(0), first.offer(0), first.offer(0)])
  t.equal(log.records.filter(record => record['token'] !== undefined).length, 1)
  t.match(token(), /^[\w-]{32}$/)
  const { fullName, password } = ada
  const wanted = { name: 'Ada', fullName, password }
  await t.rejects(first.use('x'.repeat(32), wanted, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
  await t.rejects(first.use(token(), { ...wanted, password: 'short' }, '::1'), { code: 'AUT_BAD_PASSWORD' })
  const made = await Promise.allSettled([
    first.use(token(), wanted, '::1'),
    first.use(token(), { ...wanted, name: 'bob' }, '::1')
  ])
  t.same(made.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await t.rejects(first.use(token(), { ...wanted, name: 'eve' }, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
  const name = (await users.find('ada')) === undefined ? 'bob' : 'ada'
  t.match(await users.find(name), { roles: ['keeper'], madeBy: name })
})

t.test('the token for the first administrator is good until a user was made with it', async t => {
  const { users, broker, log, clock } = await openUsers(t)
  let failure: AppError | undefined
  const make: Users['make'] = async (...user) => {
    if (failure !== undefined) throw failure
    return users.make(...user)
  }
  const failing = { find: users.find, make }
  const first = createFirstAdministrator({ broker, siteRoles, users: failing, clock, log })
  await first.offer(0)
  const token = String(log.records.at(-1)?.['token'])
  failure = new AppError('AUT_BUSY')
  await t.rejects(first.use(token, ada, '::1'), failure)
  failure = new AppError('BRK_REFUSED')
  await t.rejects(first.use(token, ada, '::1'), failure, 'it is good at once')
  failure = new AppError('BRK_TIMEOUT')
  await t.rejects(first.use(token, ada, '::1'), failure)
  failure = undefined
  await t.rejects(first.use(token, { ...ada, name: 'bob' }, '::1'), { code: 'AUT_USER_CHANGED' })
  clock.ms += 60_000
  t.match(await first.use(token, { ...ada, name: 'bob' }, '::1'), { name: 'bob', roles: ['keeper'] })
  await t.rejects(first.use(token, ada, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
})

t.test('a first administrator who was made without an answer has used the token', async t => {
  const { users, broker, log, clock } = await openUsers(t)
  const make: Users['make'] = async (...user) => {
    await users.make(...user)
    throw new AppError('BRK_TIMEOUT')
  }
  const first = createFirstAdministrator({ broker, siteRoles, users: { ...users, make }, clock, log })
  await first.offer(0)
  const token = String(log.records.at(-1)?.['token'])
  await t.rejects(first.use(token, ada, '::1'), { code: 'BRK_TIMEOUT' })
  clock.ms += 60_000
  for (const name of ['bob', 'ada'])
    await t.rejects(first.use(token, { ...ada, name }, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
  t.equal(await users.find('bob'), undefined)
})

t.test('a token that nobody used in a day is followed by another', async t => {
  const { users, broker, log, clock } = await openUsers(t)
  const first = createFirstAdministrator({ broker, siteRoles, users, clock, log })
  await first.offer(0)
  const old = String(log.records.at(-1)?.['token'])
  clock.ms += 24 * 3_600_000
  await t.rejects(first.use(old, ada, '::1'), { code: 'AUT_BAD_FIRST_TOKEN' })
  await first.offer(0)
  t.match(await first.use(String(log.records.at(-1)?.['token']), ada, '::1'), { name: 'ada' })
  await first.offer(1)
  t.match(log.records.at(-1)?.['token'], /./, 'with users there is none to log')
  const none = new Map([['viewer', { read: ['>'], command: [] }]])
  const without = createFirstAdministrator({ broker, siteRoles: none, users, clock, log })
  await t.rejects(without.offer(0), { code: 'CFG_INVALID', message: /no role of the site may manage users/ })
})
