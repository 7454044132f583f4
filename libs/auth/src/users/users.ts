import { type Broker, openBucket, type Stored } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import { createAdministrators } from './administrators.ts'
import type { Audit, Revoker } from './auth-event.ts'
import { assertPassword } from './password.ts'
import type { PasswordTurns } from './password-turns.ts'
import {
  newUserOf,
  nextOf,
  readRecord,
  type StoredUser,
  storedUserSchema,
  type User,
  userOf
} from './user.ts'
import { parseUserName } from './user-name.ts'

/** Who does something, and from which address. */
export interface Actor {
  readonly name: string
  readonly address: string
}

/** A user to be made. */
export interface NewUser {
  readonly name: string
  readonly fullName: string
  readonly roles: readonly string[]
  readonly password: string
}

/** What is changed of a user; what is not named stays. */
export interface UserChanges {
  readonly fullName?: string
  readonly roles?: readonly string[]
  readonly disabled?: boolean
  readonly password?: string
  /** The version that the change was decided on; AUT_USER_CHANGED where it is another by now. */
  readonly version?: number
}

/**
 * The users of a site, in the bucket `auth_users`. Each is written by its revision: AUT_USER_CHANGED where somebody
 * else wrote at the same time. One who may manage users always remains enabled: AUT_LAST_ADMINISTRATOR. All throw
 * what a Bucket throws.
 */
export interface Users {
  /** The user as the leader has it, password and all. Throws AUT_BAD_RECORD. */
  find(name: string): Promise<StoredUser | undefined>
  /** Throws AUT_BAD_NAME, AUT_BAD_PASSWORD, AUT_UNKNOWN_ROLE, AUT_USER_EXISTS, AUT_BUSY. */
  make(actor: Actor, user: NewUser): Promise<User>
  /**
   * Access tokens end where roles, password or being disabled are named, and with the last two sessions too.
   * Throws AUT_UNKNOWN_USER, AUT_BAD_PASSWORD, AUT_UNKNOWN_ROLE, AUT_BUSY.
   */
  change(actor: Actor, name: string, changes: UserChanges): Promise<User>
  /** Ends the user's sessions and tokens too. Throws AUT_UNKNOWN_USER. */
  remove(actor: Actor, name: string): Promise<void>
}

/** What users are kept with. */
export interface UsersOptions {
  readonly broker: Broker
  readonly siteRoles: ReadonlyMap<string, SiteRole>
  readonly revoker: Revoker
  readonly passwords: PasswordTurns
  readonly clock: Pick<Clock, 'nowMs'>
  readonly audit: Audit
}

/** The users of a site; nothing is asked yet. */
export function createUsers({ broker, siteRoles, revoker, passwords, clock, audit }: UsersOptions): Users {
  const bucket = openBucket<unknown>(broker, 'auth_users')

  async function read(name: string): Promise<Stored<StoredUser> | undefined> {
    const stored = await bucket.get(name)
    return stored && { ...stored, value: readRecord(storedUserSchema, name, stored.value) }
  }

  async function known(text: string): Promise<Stored<StoredUser> & { readonly name: string }> {
    const name = parseUserName(text)
    const stored = await read(name)
    if (stored === undefined) throw new AppError('AUT_UNKNOWN_USER', { detail: name, user: name })
    return { ...stored, name }
  }

  async function secretOf(name: string, password: string, address: string) {
    assertPassword(name, password)
    return { passwordHash: await passwords.hash(password, address) }
  }

  const managesUsers = ({ disabled, roles }: StoredUser): boolean =>
    !disabled && roles.some(role => siteRoles.get(role)?.users === true)

  const administrators = createAdministrators(broker, async name => {
    const stored = await read(name)
    return stored !== undefined && managesUsers(stored.value)
  })

  /** Writes a change; the list of administrators is shorter before one goes, and longer after one came. */
  async function write(name: string, { value: old, revision }: Stored<StoredUser>, next: StoredUser) {
    const leaves = managesUsers(old) && !managesUsers(next)
    if (leaves) await administrators.remove(name)
    try {
      await bucket.update(name, next, revision)
    } catch (caught) {
      if (leaves) await administrators.add(name)
      throw changedError(caught, name)
    }
    if (managesUsers(next)) await administrators.add(name)
  }

  const assertRoles = (roles: readonly string[]): void => {
    for (const role of roles) if (!siteRoles.has(role)) throw unknownRole(role, [...siteRoles.keys()])
  }

  return {
    find: async name => (await read(name))?.value,
    async make(actor, { name: text, fullName, roles, password }) {
      const name = parseUserName(text)
      assertRoles(roles)
      const secret = await secretOf(name, password, actor.address)
      const user = newUserOf({ fullName, roles, ...secret }, { at: clock.nowMs(), by: actor.name })
      await bucket.create(name, user).catch(caught => {
        throw existsError(caught, name)
      })
      if (managesUsers(user)) await administrators.add(name)
      audit({ what: 'user-made', name, by: actor.name, address: actor.address })
      return userOf(name, user)
    },
    async change(actor, text, { version, password, ...changes }) {
      const { name, ...stored } = await known(text)
      if (version !== undefined && version !== stored.value.version) throw changedUser(name)
      assertRoles(changes.roles ?? [])
      const secret = password === undefined ? {} : await secretOf(name, password, actor.address)
      const next = nextOf(stored.value, { ...changes, ...secret }, { at: clock.nowMs(), by: actor.name })
      await write(name, stored, next)
      const changed = [...Object.keys(changes), ...(password === undefined ? [] : ['password'])]
      if (endsTokens(changed, next)) await revoker.revokeUser(name, changed.join(', '))
      audit({ what: 'user-changed', name, by: actor.name, address: actor.address, changed })
      return userOf(name, next)
    },
    async remove(actor, text) {
      const { name, ...stored } = await known(text)
      // Disabled first: a log-in or refresh between the end of the tokens and the removal would make new ones.
      const next = nextOf(stored.value, { disabled: true }, { at: clock.nowMs(), by: actor.name })
      await write(name, stored, next)
      await revoker.revokeUser(name, 'removed')
      await bucket.delete(name)
      audit({ what: 'user-removed', name, by: actor.name, address: actor.address })
    }
  }
}

const changedUser = (name: string): AppError => new AppError('AUT_USER_CHANGED', { detail: name, user: name })

const endsTokens = (changed: readonly string[], { disabled }: StoredUser): boolean =>
  changed.includes('roles') || changed.includes('password') || (changed.includes('disabled') && disabled)

const isWrongSequence = (caught: unknown): boolean => AppError.from(caught).code === 'BRK_WRONG_SEQUENCE'

const changedError = (caught: unknown, name: string): unknown =>
  isWrongSequence(caught) ? changedUser(name) : caught

const existsError = (caught: unknown, name: string): unknown =>
  isWrongSequence(caught) ? new AppError('AUT_USER_EXISTS', { detail: name, user: name }) : caught

function unknownRole(role: string, roles: readonly string[]): AppError {
  const meant = didYouMean(role, roles) || `; there are ${roles.join(', ')}`
  return new AppError('AUT_UNKNOWN_ROLE', { detail: `'${role.slice(0, 60)}'${meant}`, roles })
}
