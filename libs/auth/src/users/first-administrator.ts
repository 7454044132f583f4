import { type Broker, openBucket } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import { assertPassword } from './password.ts'
import { hashOf, isHashOf, randomText } from './secrets.ts'
import type { User } from './user.ts'
import { parseUserName } from './user-name.ts'
import type { Actor, NewUser, Users } from './users.ts'
import { isWrongSequence } from './wrong-sequence.ts'

const KEY = '_first'
const VALID_MS = 24 * 3_600_000

interface StoredOffer {
  /** SHA-256 of the token, base64url. */
  readonly hash: string
  /** UTC ms. */
  readonly until: number
}

/** By which the first administrator of a site is made: with a token that is logged once, and used once. */
export interface FirstAdministrator {
  /**
   * Makes a token, valid for 24 hours, and logs it with what to do, unless there are users or a valid token. Of
   * several processes that start, one logs its own. Throws CFG_INVALID where no role of the site may manage users.
   */
  offer(userCount: number): Promise<void>
  /**
   * Makes the user, with the first role of the site that may manage users. Throws AUT_BAD_FIRST_TOKEN, and as
   * `Users.make`; what is wrong with name or password leaves the token valid.
   */
  use(token: string, user: Pick<NewUser, 'name' | 'password' | 'fullName'>, address: string): Promise<User>
}

/** What the first administrator is made with. */
export interface FirstAdministratorOptions {
  readonly broker: Broker
  readonly siteRoles: ReadonlyMap<string, SiteRole>
  readonly users: Pick<Users, 'make'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Logger
}

/** The way to a site's first administrator; nothing is asked yet. */
export function createFirstAdministrator({
  broker,
  siteRoles,
  users,
  clock,
  log
}: FirstAdministratorOptions): FirstAdministrator {
  const bucket = openBucket<StoredOffer>(broker, 'auth_users')

  /** Whether this process's offer is the one that counts. */
  async function isOffered(offer: StoredOffer): Promise<boolean> {
    const stored = await bucket.get(KEY)
    if (stored !== undefined && stored.value.until > clock.nowMs()) return false
    try {
      await (stored === undefined ? bucket.create(KEY, offer) : bucket.update(KEY, offer, stored.revision))
      return true
    } catch (caught) {
      if (isWrongSequence(caught)) return false
      throw caught
    }
  }

  /** Takes the token for good; of two who show it at once one succeeds. */
  async function take(token: string): Promise<void> {
    const stored = await bucket.get(KEY)
    if (stored === undefined || stored.value.until <= clock.nowMs() || !isHashOf(stored.value.hash, token))
      throw new AppError('AUT_BAD_FIRST_TOKEN')
    await bucket.delete(KEY, stored.revision).catch(cause => {
      throw isWrongSequence(cause) ? new AppError('AUT_BAD_FIRST_TOKEN') : cause
    })
  }

  return {
    async offer(userCount) {
      managingRole(siteRoles)
      if (userCount > 0) return
      const token = randomText(24)
      if (await isOffered({ hash: hashOf(token), until: clock.nowMs() + VALID_MS }))
        log.warn(
          { token, validHours: VALID_MS / 3_600_000 },
          'there are no users: make the first administrator by POST /api/users/first with this token, a name and a password'
        )
      else
        log.warn('there are no users: the token for the first administrator was logged before, and is valid')
    },
    async use(token, user, address) {
      const name = parseUserName(user.name)
      assertPassword(name, user.password)
      await take(token)
      const actor: Actor = { name, address }
      return users.make(actor, { ...user, roles: [managingRole(siteRoles)] })
    }
  }
}

function managingRole(siteRoles: ReadonlyMap<string, SiteRole>): string {
  for (const [name, { users }] of siteRoles) if (users === true) return name
  throw new AppError('CFG_INVALID', {
    detail: 'AUTH_MODE: no role of the site may manage users (`users: true`)'
  })
}
