import { type Broker, openBucket, type Stored } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createAdministrators } from './administrators.ts'
import { isUserRecord, readRecord, type StoredUser, storedUserSchema } from './user.ts'
import { parseUserName } from './user-name.ts'
import { isWrongSequence } from './wrong-sequence.ts'

/** Users one by one, at the leader, with the list of administrators beside them. All throw what a Bucket throws. */
export interface UserStore {
  /** Throws AUT_BAD_RECORD. */
  read(name: string): Promise<Stored<StoredUser> | undefined>
  /** As `read`, of a name as it came. Throws AUT_BAD_NAME, AUT_UNKNOWN_USER. */
  readKnown(text: string): Promise<Stored<StoredUser> & { readonly name: string }>
  /** Its revision, and whether the record is as `auth_users` should hold it. Throws AUT_UNKNOWN_USER. */
  look(name: string): Promise<{ readonly revision: number; readonly isReadable: boolean }>
  /** Throws AUT_USER_EXISTS. */
  create(name: string, user: StoredUser): Promise<void>
  /**
   * Writes a change and gives its revision; the list of administrators is shorter before one goes, and longer after one came. Throws
   * AUT_USER_CHANGED where somebody else wrote since `old` was read, AUT_LAST_ADMINISTRATOR.
   */
  update(name: string, old: Stored<StoredUser>, next: StoredUser): Promise<number>
  /** Removes a user who was disabled before, so that he is no administrator, or whose record cannot be read. */
  remove(name: string): Promise<void>
}

/** The bucket `auth_users`; nothing is asked yet. `siteRoles` say who is an administrator. */
export function createUserStore(broker: Broker, siteRoles: ReadonlyMap<string, SiteRole>): UserStore {
  const bucket = openBucket<unknown>(broker, 'auth_users')

  async function read(name: string): Promise<Stored<StoredUser> | undefined> {
    const stored = await bucket.get(name)
    return stored && { ...stored, value: readRecord(storedUserSchema, name, stored.value) }
  }

  async function readKnown(text: string): Promise<Stored<StoredUser> & { readonly name: string }> {
    const name = parseUserName(text)
    const stored = await read(name)
    if (stored === undefined) throw unknownUser(name)
    return { ...stored, name }
  }

  const managesUsers = (user: StoredUser): boolean => mayManageUsers(user, siteRoles)

  const administrators = createAdministrators(broker, async name => {
    const stored = await bucket.get(name)
    return isUserRecord(stored?.value) && managesUsers(stored.value)
  })

  async function update(
    name: string,
    { value: old, revision }: Stored<StoredUser>,
    next: StoredUser
  ): Promise<number> {
    const leaves = managesUsers(old) && !managesUsers(next)
    if (leaves) await administrators.remove(name)
    const written = await bucket.update(name, next, revision).catch(async caught => {
      if (leaves) await administrators.add(name)
      throw changedError(caught, name)
    })
    if (managesUsers(next)) await administrators.add(name)
    return written
  }

  return {
    read,
    readKnown,
    async look(name) {
      const stored = await bucket.get(name)
      if (stored === undefined) throw unknownUser(name)
      return { revision: stored.revision, isReadable: isUserRecord(stored.value) }
    },
    async create(name, user) {
      await bucket.create(name, user).catch(caught => {
        throw existsError(caught, name)
      })
      if (managesUsers(user)) await administrators.add(name)
    },
    update,
    async remove(name) {
      await bucket.delete(name)
    }
  }
}

/**
 * Whether a user may manage users and must remain: enabled, and with a role of the site that says so. Of those whom a provider keeps nobody
 * must: their roles come and go there.
 */
export const mayManageUsers = (
  { disabled, roles, provider }: StoredUser,
  siteRoles: ReadonlyMap<string, SiteRole>
): boolean => !disabled && provider === undefined && roles.some(role => siteRoles.get(role)?.users === true)

const unknownUser = (name: string): AppError => new AppError('AUT_UNKNOWN_USER', { detail: name, user: name })

/** The error AUT_USER_CHANGED: somebody else changed this user meanwhile, so the write was not made. */
export const userChanged = (name: string): AppError =>
  new AppError('AUT_USER_CHANGED', { detail: name, user: name })

const changedError = (caught: unknown, name: string): unknown =>
  isWrongSequence(caught) ? userChanged(name) : caught

const existsError = (caught: unknown, name: string): unknown =>
  isWrongSequence(caught) ? new AppError('AUT_USER_EXISTS', { detail: name, user: name }) : caught
