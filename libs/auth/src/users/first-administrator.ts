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
   * Makes a token, valid for 24 hours, and logs it with what to do, unless somebody may manage users or there is a
   * valid token: with no user at all, and where the records of all who might cannot be read. Of several processes that start, one logs its own. Throws CFG_INVALID where no role of the site may manage users.
   */
  offer(administratorCount: number): Promise<void>
  /**
   * Makes the user, with the first role of the site that may manage users. Throws AUT_BAD_FIRST_TOKEN, and as
   * `Users.make`; what is wrong with name or password, one that is taken among it, leaves the token valid.
   */
  use(token: string, user: Pick<NewUser, 'name' | 'password' | 'fullName'>, address: string): Promise<User>
}

/** What the first administrator is made with. */
export interface FirstAdministratorOptions {
  readonly broker: Broker
  readonly siteRoles: ReadonlyMap<string, SiteRole>
  readonly users: Pick<Users, 'find' | 'make'>
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
    if (stored?.value !== undefined && stored.value.until > clock.nowMs()) return false
    try {
      await (stored === undefined ? bucket.create(KEY, offer) : bucket.update(KEY, offer, stored.revision))
      return true
    } catch (caught) {
      if (isWrongSequence(caught)) return false
      throw caught
    }
  }

  /** The revision of the offer that the token is for. */
  async function check(token: string): Promise<number> {
    const { value, revision = 0 } = (await bucket.get(KEY)) ?? {}
    if (value === undefined || !(value.until > clock.nowMs()) || !isHashOf(value.hash, token))
      throw new AppError('AUT_BAD_FIRST_TOKEN')
    return revision
  }

  /** Takes the offer away for good; of two who show its token at once one succeeds. */
  async function take(revision: number): Promise<void> {
    await bucket.delete(KEY, revision).catch(cause => {
      throw isWrongSequence(cause) ? new AppError('AUT_BAD_FIRST_TOKEN') : cause
    })
  }

  return {
    async offer(administratorCount) {
      managingRole(siteRoles)
      if (administratorCount > 0) return
      const token = randomText(24)
      if (await isOffered({ hash: hashOf(token), until: clock.nowMs() + VALID_MS }))
        log.warn(
          { token, validHours: VALID_MS / 3_600_000 },
          'nobody may manage users: make the first administrator by POST /api/users/first with this token, a name and a password'
        )
      else
        log.warn(
          'nobody may manage users: the token for the first administrator was logged before, and is valid'
        )
    },
    async use(token, user, address) {
      const name = parseUserName(user.name)
      assertPassword(name, user.password)
      const revision = await check(token)
      if ((await users.find(name)) !== undefined)
        throw new AppError('AUT_USER_EXISTS', { detail: name, user: name })
      await take(revision)
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
