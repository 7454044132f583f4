import { type Broker, type Bucket, openBucket } from '@meridian/broker'
import type { SiteRole } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Revoker } from '../tokens/revocations.ts'
import type { Audit } from '../users/auth-event.ts'
import { hashOf } from '../users/secrets.ts'
import { newUserOf, nextOf, type StoredUser, withoutRoles } from '../users/user.ts'
import { createUserStore } from '../users/user-store.ts'
import { changedIn, newOf, ROLES_CHANGED } from '../users/users.ts'
import type { Person } from './person.ts'

/** A stored user beside the name that is his key. */
export interface NamedUser {
  readonly name: string
  readonly user: StoredUser
}

/** The users that people of the provider have here, in the bucket `auth_users`, without a password [docs/adr/0019-log-in-through-a-provider.md]. */
export interface ProviderUsers {
  /**
   * The user of somebody who was logged in by the provider, made at the first time, with the roles that he has now: where they are others,
   * his access tokens end. Throws AUT_NAME_TAKEN where the name is that of another user, AUT_USER_DISABLED, and what a Bucket throws.
   */
  enter(person: Person, address: string): Promise<NamedUser>
  /**
   * Somebody whom the provider knows and whose groups give no role any more: where he is a user he has none here either, and his sessions,
   * access tokens and personal tokens end for good. Throws what a Bucket throws.
   */
  leave(person: Person, address: string): Promise<void>
}

/** What users of a provider are kept with. */
export interface ProviderUsersOptions {
  readonly broker: Broker
  readonly siteRoles: ReadonlyMap<string, SiteRole>
  readonly revoker: Revoker
  readonly clock: Pick<Clock, 'nowMs'>
  readonly audit: Audit
}

/** A user as the bucket holds him. */
interface Stored {
  readonly value: StoredUser
  readonly revision: number
}

interface StoredLink {
  readonly name: string
}

/** By whom the audit tells that a user was made or changed: what the provider says of him was taken over. */
const PROVIDER = 'the OpenID provider'
const TRIES = 5
/** Others who wrote at the same time; it is judged anew. */
const AGAIN: readonly string[] = ['AUT_USER_EXISTS', 'AUT_USER_CHANGED']

/** Runs, and again where others wrote at the same time. */
async function judgedAnew<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await run()
    } catch (caught) {
      if (tried === TRIES || !AGAIN.includes(AppError.from(caught).code)) throw caught
    }
  }
}

/** Notes by which name a person is known here, where that is not noted yet. */
async function link(links: Bucket<StoredLink>, person: Person, name: string): Promise<void> {
  const key = linkOf(person)
  if ((await links.get(key))?.value?.name !== name) await links.put(key, { name })
}

/** The users of people of the provider; nothing is asked yet. */
export function createProviderUsers(options: ProviderUsersOptions): ProviderUsers {
  const { broker, siteRoles, revoker, clock, audit } = options
  const store = createUserStore(broker, siteRoles)
  const links = openBucket<StoredLink>(broker, 'auth_users')

  const written = (name: string) => ({ at: clock.nowMs(), by: name })

  /** The name that he got at his first log-in, as long as the user is there; else the one that he comes with. */
  async function nameOf(person: Person): Promise<string> {
    const linked = (await links.get(linkOf(person)))?.value?.name
    const user = linked === undefined ? undefined : (await store.read(linked))?.value
    return linked !== undefined && user !== undefined && isOf(user, person) ? linked : person.name
  }

  async function make(name: string, person: Person, address: string): Promise<StoredUser> {
    const { fullName, roles, issuer, subject } = person
    const provider = { issuer, subject, loggedInAt: clock.nowMs() }
    const user = newUserOf({ fullName, roles, provider }, written(name))
    await store.create(name, user)
    audit({ what: 'user-made', name, by: PROVIDER, address, roles })
    return user
  }

  async function change(name: string, stored: Stored, person: Person, address: string): Promise<StoredUser> {
    const { fullName, roles } = person
    const { value: old } = stored
    const seen = seenAt(old, clock.nowMs())
    const changed = changedIn(old, { fullName, roles })
    if (changed.length === 0) {
      if (seen !== old) await store.update(name, stored, seen)
      return seen
    }
    const user = nextOf(seen, { fullName, roles }, written(name))
    const revision = await store.update(name, stored, user)
    if (changed.includes('roles')) await revoker.revokeUser({ name, revision }, ROLES_CHANGED)
    audit({ what: 'user-changed', name, by: PROVIDER, address, changed, ...newOf(changed, user) })
    return user
  }

  async function entered(person: Person, address: string): Promise<NamedUser> {
    const name = await nameOf(person)
    const stored = await store.read(name)
    if (stored === undefined) return { name, user: await make(name, person, address) }
    if (!isOf(stored.value, person)) throw new AppError('AUT_NAME_TAKEN', { detail: name, user: name })
    if (stored.value.disabled) throw new AppError('AUT_USER_DISABLED', { detail: name, user: name })
    return { name, user: await change(name, stored, person, address) }
  }

  async function left(person: Person, address: string): Promise<void> {
    const name = await nameOf(person)
    const stored = await store.read(name)
    if (stored === undefined || !isOf(stored.value, person)) return
    const hasRoles = stored.value.roles.length > 0
    const next = withoutRoles(stored.value, written(name))
    const revision = hasRoles ? await store.update(name, stored, next) : stored.revision
    // Without roles too: the time before, it may have failed half way.
    await revoker.revokeUser({ name, revision }, ROLES_CHANGED)
    if (hasRoles) audit({ what: 'user-changed', name, by: PROVIDER, address, changed: ['roles'], roles: [] })
  }

  return {
    enter: (person, address) =>
      judgedAnew(async () => {
        const named = await entered(person, address)
        await link(links, person, named.name)
        return named
      }),
    leave: (person, address) => judgedAnew(() => left(person, address))
  }
}

/** A log-in is noted once an hour. */
const NOTED_EVERY_MS = 3_600_000

/** The user with the time of his last log-in; nothing else of him has changed. */
function seenAt(user: StoredUser, now: number): StoredUser {
  const { provider } = user
  if (provider === undefined || now - provider.loggedInAt < NOTED_EVERY_MS) return user
  return { ...user, provider: { ...provider, loggedInAt: now } }
}

/** Beside the users, whose names begin with a letter: which name somebody of the provider has here. */
const linkOf = ({ issuer, subject }: Person): string => `_provider-${hashOf(`${issuer}\n${subject}`)}`

const isOf = ({ provider }: StoredUser, { issuer, subject }: Person): boolean =>
  provider?.issuer === issuer && provider.subject === subject
