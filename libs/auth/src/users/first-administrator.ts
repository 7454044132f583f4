import type { Broker, Stored } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import { openFirstOffer, type StoredOffer } from './first-offer.ts'
import { assertPassword } from './password.ts'
import { randomText } from './secrets.ts'
import type { User } from './user.ts'
import { parseUserName } from './user-name.ts'
import type { NewUser, Users } from './users.ts'

const VALID_MS = 24 * 3_600_000

/** By which the first administrator of a site is made: with a token that is logged once, and used once. */
export interface FirstAdministrator {
  /**
   * Makes a token, valid for 24 hours, and logs it with what to do, unless somebody may manage users or there is a
   * valid token: with no user at all, and where the records of all who might cannot be read. Of several processes that start, one logs its own. Throws CFG_INVALID where no role of the site may manage users.
   */
  offer(administratorCount: number): Promise<void>
  /**
   * Makes the user, with the first role of the site that may manage users. Throws AUT_BAD_FIRST_TOKEN, AUT_USER_CHANGED while another
   * is being made, and as `Users.make`; the token stays valid where no user was made, for a minute for nobody where the broker did not say.
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
  const offer = openFirstOffer(broker, clock)

  /** Whether a user is the one that the token has made: nobody else makes himself. */
  const isMade = async (name: string): Promise<boolean> => (await users.find(name))?.madeBy === name

  /** The offer that a token is for. Throws AUT_BAD_FIRST_TOKEN, also where it has made a user and could not be told so. */
  async function valid(token: string): Promise<Stored<StoredOffer>> {
    const stored = await offer.read(token)
    const { taken } = stored.value
    if (taken === undefined || !(await isMade(taken.name))) return stored
    await offer.spend(stored)
    throw new AppError('AUT_BAD_FIRST_TOKEN')
  }

  /** After a failure. What nobody has answered may still be done: then the token waits. */
  async function giveBack(taken: Stored<StoredOffer>, name: string, caught: unknown): Promise<void> {
    if (!mayBeDone(caught) && !(await isMade(name))) await offer.giveBack(taken)
  }

  /** Makes the user while nobody else can with the same token. */
  async function made(found: Stored<StoredOffer>, user: NewUser, address: string): Promise<User> {
    const taken = await offer.take(found, user.name)
    try {
      const done = await users.make({ name: user.name, address }, user)
      await offer.spend(taken).catch(err => log.error({ err }, 'used token of the first administrator stays'))
      return done
    } catch (caught) {
      await giveBack(taken, user.name, caught).catch(err =>
        log.warn({ err }, 'token of the first administrator is taken again in a minute')
      )
      throw caught
    }
  }

  return {
    async offer(administratorCount) {
      managingRole(siteRoles)
      if (administratorCount > 0) return
      const token = randomText(24)
      if (await offer.put(token, VALID_MS))
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
      const found = await valid(token)
      if ((await users.find(name)) !== undefined)
        throw new AppError('AUT_USER_EXISTS', { detail: name, user: name })
      return made(found, { ...user, name, roles: [managingRole(siteRoles)] }, address)
    }
  }
}

const mayBeDone = (caught: unknown): boolean =>
  ['BRK_TIMEOUT', 'BRK_UNAVAILABLE'].includes(AppError.from(caught).code)

function managingRole(siteRoles: ReadonlyMap<string, SiteRole>): string {
  for (const [name, { users }] of siteRoles) if (users === true) return name
  throw new AppError('CFG_INVALID', {
    detail: 'AUTH_MODE: no role of the site may manage users (`users: true`)'
  })
}
