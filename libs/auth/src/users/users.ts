import { isDeepStrictEqual } from 'node:util'
import type { Broker, Stored } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Revoker } from '../tokens/revocations.ts'
import type { Audit } from './auth-event.ts'
import { assertPassword } from './password.ts'
import type { PasswordTurns } from './password-turns.ts'
import { newUserOf, nextOf, type StoredUser, type User, userOf } from './user.ts'
import { parseUserName } from './user-name.ts'
import { createUserStore, userChanged } from './user-store.ts'

/** Who does something, and from which address: both stand in the audit. */
export interface Actor {
  readonly name: string
  readonly address: string
}

/** A user as the bucket has it now, and the revision of the record. */
export type FoundUser = StoredUser & { readonly revision: number }

/** Why access tokens end where somebody has other roles from then on. */
export const ROLES_CHANGED = 'roles changed'

/** A user to be made, as an administrator names him. */
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
  find(name: string): Promise<FoundUser | undefined>
  /** Throws AUT_BAD_NAME, AUT_BAD_PASSWORD, AUT_UNKNOWN_ROLE, AUT_USER_EXISTS, AUT_BUSY. */
  make(actor: Actor, user: NewUser): Promise<User>
  /**
   * Access tokens end where roles, password or being disabled are named, and with the last two sessions too. Nothing is
   * written or told where nothing differs.
   * Throws AUT_UNKNOWN_USER, AUT_BAD_PASSWORD, AUT_UNKNOWN_ROLE, AUT_BUSY, and AUT_OF_PROVIDER where a provider says what he is.
   */
  change(actor: Actor, name: string, changes: UserChanges): Promise<User>
  /** Ends the user's sessions and tokens too; also where his record cannot be read. Throws AUT_UNKNOWN_USER. */
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
  const store = createUserStore(broker, siteRoles)

  async function secretOf(name: string, password: string, address: string) {
    assertPassword(name, password)
    return { passwordHash: await passwords.hash(password, address) }
  }

  const assertRoles = (roles: readonly string[]): void => {
    for (const role of roles) if (!siteRoles.has(role)) throw unknownRole(role, [...siteRoles.keys()])
  }

  /** Writes what becomes another, where anything does; gives the record as it is then. */
  async function write(
    actor: Actor,
    { name, ...stored }: Stored<StoredUser> & { readonly name: string },
    changes: Parameters<typeof nextOf>[1] | undefined
  ): Promise<Pick<Stored<StoredUser>, 'value' | 'revision'>> {
    if (changes === undefined) return stored
    const value = nextOf(stored.value, changes, { at: clock.nowMs(), by: actor.name })
    return { value, revision: await store.update(name, stored, value) }
  }

  // Before a removal: a log-in or refresh between the end of the tokens and the removal would make new ones.
  const disable = async (actor: Actor, name: string): Promise<number> =>
    (await write(actor, await store.readKnown(name), { disabled: true })).revision

  return {
    async find(name) {
      const stored = await store.read(name)
      return stored && { ...stored.value, revision: stored.revision }
    },
    async make(actor, { name: text, fullName, roles, password }) {
      const name = parseUserName(text)
      assertRoles(roles)
      const secret = await secretOf(name, password, actor.address)
      const user = newUserOf({ fullName, roles, ...secret }, { at: clock.nowMs(), by: actor.name })
      await store.create(name, user)
      audit({ what: 'user-made', name, by: actor.name, address: actor.address, roles: user.roles })
      return userOf(name, user)
    },
    async change(actor, text, { version, password, ...changes }) {
      const { name, ...stored } = await store.readKnown(text)
      assertVersion(name, stored.value, version)
      if (stored.value.provider !== undefined) assertNotOfProvider(name, { password, ...changes })
      assertRoles(changes.roles ?? [])
      const secret = password === undefined ? {} : await secretOf(name, password, actor.address)
      const changed = changedIn(stored.value, { ...changes, password })
      const isSame = changed.length === 0
      const written = await write(actor, { name, ...stored }, isSame ? undefined : { ...changes, ...secret })
      // Named again where nothing differs, too: the time before, it may have failed half way.
      const why = whyEnds({ ...changes, password })
      if (why !== undefined) await revoker.revokeUser({ name, revision: written.revision }, why)
      const { name: by, address } = actor
      if (!isSame)
        audit({ what: 'user-changed', name, by, address, changed, ...newOf(changed, written.value) })
      return userOf(name, written.value)
    },
    async remove(actor, text) {
      const name = parseUserName(text)
      const { revision, isReadable } = await store.look(name)
      // Nobody logs in with a record that cannot be read.
      const last = isReadable ? await disable(actor, name) : revision
      await revoker.revokeUser({ name, revision: last }, 'removed')
      await store.remove(name)
      audit({ what: 'user-removed', name, by: actor.name, address: actor.address })
    }
  }
}

type NamedChanges = { readonly [P in keyof UserChanges]?: UserChanges[P] | undefined }

function assertVersion(name: string, { version }: StoredUser, expected: number | undefined): void {
  if (expected !== undefined && expected !== version) throw userChanged(name)
}

/** What an OpenID provider says of a user is not changed here. */
function assertNotOfProvider(name: string, changes: NamedChanges): void {
  const { fullName, roles, password } = changes
  if ([fullName, roles, password].some(change => change !== undefined))
    throw new AppError('AUT_OF_PROVIDER', { detail: name, user: name })
}

/** Whether no property is to be changed; a `version` alone changes nothing. */
export const namesNothing = ({
  version: _,
  ...changes
}: { readonly [P in keyof UserChanges]?: unknown }): boolean =>
  Object.values(changes).every(change => change === undefined)

/** What a user has and may now, of what was changed. */
export const newOf = (
  changed: readonly string[],
  { roles, disabled }: StoredUser
): { readonly roles?: readonly string[]; readonly disabled?: boolean } => ({
  ...(changed.includes('roles') && { roles }),
  ...(changed.includes('disabled') && { disabled })
})

/** Names of the properties of a user that a change gives another value; empty where it changes nothing. */
export function changedIn(
  old: StoredUser,
  { fullName, roles, disabled, password }: NamedChanges
): readonly string[] {
  const isAnother = {
    fullName: fullName !== undefined && fullName !== old.fullName,
    roles: roles !== undefined && !isSameSet(roles, old.roles),
    disabled: disabled !== undefined && disabled !== old.disabled,
    password: password !== undefined
  }
  return Object.entries(isAnother).flatMap(([name, is]) => (is ? [name] : []))
}

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  isDeepStrictEqual(new Set(one), new Set(other))

/** Why access tokens end with these changes, for whoever held one; undefined where they do not. */
function whyEnds({ roles, disabled, password }: NamedChanges): string | undefined {
  const reasons = [
    ...(disabled === true ? ['disabled'] : []),
    ...(password === undefined ? [] : ['password changed']),
    ...(roles === undefined ? [] : [ROLES_CHANGED])
  ]
  return reasons.length === 0 ? undefined : reasons.join(', ')
}

function unknownRole(role: string, roles: readonly string[]): AppError {
  const meant = didYouMean(role, roles) || `; there are ${roles.join(', ')}`
  return new AppError('AUT_UNKNOWN_ROLE', { detail: `'${role.slice(0, 60)}'${meant}`, roles })
}
