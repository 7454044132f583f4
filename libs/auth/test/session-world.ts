import { openBucket } from '@meridian/broker'
import type { Test } from 'tap'
import {
  createAuditBudget,
  createLogIn,
  createLogInTries,
  createSessions,
  storedSessionSchema,
  storedUserSchema,
  watchRecords
} from '../src/users/index.ts'
import { cheapPasswords, GOOD, openUsers, root } from './harness.ts'

/** Where everybody logs in from, by a browser whose name is too long to be kept whole. */
export const here = { address: '10.0.0.1', userAgent: `Browser ${'x'.repeat(500)}` }
/** A user who may only look. */
export const eve = { name: 'eve', fullName: 'Eve', roles: ['viewer'], password: GOOD }

/** Users, their sessions and log-ins; a token says what it was made for. */
export async function setUp(t: Test) {
  const world = await openUsers(t)
  const { broker, log, users, revoker, clock, events } = world
  const audit = (event: (typeof events)[number]): void => void events.push(event)
  const held = watchRecords(broker, {
    ...{ bucket: 'auth_sessions', schema: storedSessionSchema, name: 'check', log }
  })
  const userList = watchRecords(broker, {
    bucket: 'auth_users',
    schema: storedUserSchema,
    name: 'check',
    log
  })
  for (const watch of [held, userList]) {
    t.teardown(() => watch.stop())
    await watch.start()
  }
  let beforeSigned = async (): Promise<void> => {}
  const signer = {
    async sign(claims: object) {
      await beforeSigned()
      return { token: JSON.stringify(claims), expiresAt: clock.ms / 1_000 + 300 }
    }
  }
  const sessions = createSessions({
    ...{ broker, users, signer, revoker, clock, audit, held: held.values, userList: userList.values }
  })
  const budget = createAuditBudget(clock.nowMs)
  const logIn = createLogIn({
    ...{ users, sessions, audit, budget, passwords: cheapPasswords(), tries: createLogInTries(clock) }
  })
  await users.make(root, { ...eve, name: 'ada', roles: ['keeper'] })
  await users.make(root, eve)
  const raw = openBucket<object>(broker, 'auth_sessions')
  const onSign = (run: () => Promise<void>): void => {
    beforeSigned = async () => {
      beforeSigned = async () => {}
      await run()
    }
  }
  return { ...world, sessions, logIn, budget, raw, onSign }
}
