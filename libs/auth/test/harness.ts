import { randomBytes, scryptSync } from 'node:crypto'
import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import type { SiteRole } from '@meridian/catalogue'
import type { TestLog } from '@meridian/testing'
import type { Test } from 'tap'
import type { Revoker } from '../src/index.ts'
import {
  type AuditBudget,
  type AuthEvent,
  createPasswordTurns,
  createUsers,
  type PasswordTurns,
  type Users
} from '../src/users/index.ts'

export const GOOD = 'correct horse battery'
export const root = { name: 'root', address: '127.0.0.1' }

export const siteRoles: ReadonlyMap<string, SiteRole> = new Map([
  ['viewer', { read: ['>'], command: [] }],
  ['keeper', { read: ['>'], command: [], users: true }],
  ['chief', { read: ['>'], command: ['*.*'], users: true }]
])

/** Users in a bucket of their own, and all that was told about them. */
export interface UsersWorld {
  readonly broker: Broker
  readonly log: TestLog
  readonly users: Users
  readonly events: AuthEvent[]
  /** What was revoked, as `user ada: why` or `session x: why`. */
  readonly revoked: string[]
  /** By user the revision of his record before which tokens have ended. */
  readonly endedBefore: Map<string, number>
  readonly revoker: Revoker
  readonly clock: { ms: number; nowMs(): number }
}

/**
 * Passwords whose hashes cost a thirtieth of those of a site, as a hash may: a test makes users by the dozen, and
 * src/users/password.test.ts proves what a hash of a site costs.
 */
export function cheapPasswords(): PasswordTurns {
  const cost = { N: 2 ** 10, r: 8, p: 1 }
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16)
    const parts = [salt, scryptSync(password.normalize('NFC'), salt, 32, cost)]
    return ['scrypt', ...Object.values(cost), ...parts.map(part => part.toString('base64url'))].join('$')
  }
  return { ...createPasswordTurns(), hash }
}

/** Starts a broker with buckets; it ends with the test. */
export async function openUsers(t: Test): Promise<UsersWorld> {
  const { broker, log, stop } = await startTestSite({ streams: [], buckets: true })
  t.teardown(stop)
  const events: AuthEvent[] = []
  const revoked: string[] = []
  const endedBefore = new Map<string, number>()
  const revoker: Revoker = {
    revokeSession: async (id, why) => void revoked.push(`session ${id}: ${why}`),
    async revokeUser({ name, revision }, why) {
      endedBefore.set(name, revision)
      revoked.push(`user ${name}: ${why}`)
    }
  }
  const clock = { ms: Date.UTC(2026, 10, 27), nowMs: () => clock.ms }
  const audit = (event: AuthEvent): void => void events.push(event)
  const passwords = cheapPasswords()
  const users = createUsers({ broker, siteRoles, revoker, passwords, clock, audit })
  return { broker, log, users, events, revoked, endedBefore, revoker, clock }
}

/** Takes all that a user may do to himself at once. */
export function spend(budget: AuditBudget, who: string): void {
  try {
    for (;;) budget.take(who)
  } catch {}
}
