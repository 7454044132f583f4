import t from 'tap'
import { GOOD, root, spend } from './harness.ts'
import { eve, here, setUp } from './session-world.ts'

t.test(
  'nobody fills the audit by logging in or by new passwords; what is ended is ended all the same',
  async t => {
    const { logIn, sessions, budget, clock, events } = await setUp(t)
    const { session } = await logIn.logIn('eve', GOOD, here)
    spend(budget, 'eve')
    const often = { code: 'AUT_TOO_OFTEN', facts: { retryAfterSeconds: 60 } }
    await t.rejects(logIn.logIn('eve', GOOD, here), often)
    t.match(events.at(-1), { what: 'log-in-refused', code: 'AUT_TOO_OFTEN' })
    await t.rejects(logIn.changePassword('eve', { old: GOOD, new: `${GOOD}2` }, here), often)
    await t.rejects(logIn.logIn('eve', 'not this horse', here), { code: 'AUT_WRONG_LOGIN' })
    t.ok(await logIn.logIn('ada', GOOD, here))
    await sessions.end(session, { name: 'eve', address: here.address })
    t.equal(await sessions.find(session), undefined)
    clock.ms += 60_000
    t.ok(await logIn.logIn('eve', GOOD, here))
  }
)

t.test(
  'a wrong password, an unknown and a disabled user are refused alike, and slower and slower',
  async t => {
    const { logIn, users, events } = await setUp(t)
    await users.make(root, { ...eve, name: 'off' })
    await users.change(root, 'off', { disabled: true })
    const refusals: unknown[] = []
    for (const [name, password] of [
      ['eve', 'not this horse'],
      ['nobody', GOOD],
      ['off', GOOD],
      ['not a name', GOOD],
      ['_administrators', GOOD]
    ] as const)
      refusals.push(
        await logIn.logIn(name, password, here).catch((err: { toWire(): object }) => err.toWire())
      )
    for (const refusal of refusals) t.same(refusal, refusals[0])
    t.match(refusals[0], { code: 'AUT_WRONG_LOGIN' })
    t.same(
      events.filter(({ what }) => what === 'log-in-refused').map(({ name }) => name),
      ['eve', undefined, 'off', undefined, undefined],
      'people type passwords as names'
    )
    for (let failure = 0; failure < 5; failure++) await logIn.logIn('x1', GOOD, here).catch(() => {})
    await t.rejects(logIn.logIn('x1', GOOD, here), { code: 'AUT_TOO_MANY_TRIES' })
    await t.rejects(
      logIn.changePassword('eve', { old: 'not this horse', new: `${GOOD}2` }, here),
      { code: 'AUT_WRONG_LOGIN' },
      'the old password is proved in the same way'
    )
    await t.rejects(logIn.changePassword('eve', { old: GOOD, new: 'short' }, here), {
      code: 'AUT_BAD_PASSWORD'
    })
    t.notMatch(JSON.stringify(events), /horse|short/)
  }
)
