import type { Broker } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { PERSONAL_TOKEN_LIMITS, type TokenScope } from '@meridian/protocol/http'
import type { Clock } from '@meridian/time'
import type { Revoker } from '../tokens/revocations.ts'
import type { AuditBudget } from '../users/audit-budget.ts'
import type { Audit } from '../users/auth-event.ts'
import type { IssueOptions, LoggedIn } from '../users/issue-token.ts'
import { hashOf } from '../users/secrets.ts'
import type { StoredUser } from '../users/user.ts'
import type { Actor } from '../users/users.ts'
import { type Watched, whereReadable } from '../users/watch-records.ts'
import { createExchange } from './exchange.ts'
import { createMadeTokens } from './made-tokens.ts'
import { isLive, type StoredToken } from './stored-token.ts'
import { createTokenStore } from './token-store.ts'
import { newPersonalToken, personalTokenText } from './token-text.ts'

/** A personal token as lists show it: what the bucket holds, times in UTC ms, and never the token itself. */
export type ListedToken = StoredToken & {
  readonly id: string
  /** It is good again once its user has logged in. */
  readonly waitsForLogIn: boolean
}

/** Who makes a personal token, and the generation of the session that he asks by. */
export type TokenMaker = Actor & Pick<StoredToken, 'generation'>

/** What whoever makes a personal token says of it; the id and the token itself are made for him. */
export interface NewToken {
  /** For which program it is. */
  readonly name: string
  readonly scopes: readonly TokenScope[]
  /** Days until it ends; default: 90. */
  readonly days?: number
}

/**
 * The personal tokens of a site, in the bucket `auth_tokens`: with one a program speaks for its user, as far as his
 * roles allow it now [docs/adr/0020-personal-tokens.md]. They end with his sessions, and on a day that is said when
 * they are made. All throw what a Bucket throws.
 */
export interface PersonalTokens {
  /**
   * Makes one for the maker and gives its text, which nobody can read again; it ends with the sessions of that generation. Throws
   * AUT_TOO_MANY_TOKENS, AUT_UNKNOWN_USER, and AUT_SESSION_ENDED where his sessions have ended meanwhile.
   */
  make(maker: TokenMaker, token: NewToken): Promise<{ readonly text: string; readonly token: ListedToken }>
  /**
   * Comes before `make` and before that is announced. Throws AUT_TOO_MANY_TOKENS where he has as many as one may have, for which `make` looks
   * again, and AUT_TOO_OFTEN.
   */
  admit(actor: Pick<Actor, 'name' | 'address'>): void
  /** An access token for a personal token. Throws AUT_BAD_TOKEN for what is none, AUT_TOKEN_ENDED. */
  exchange(text: string, address: string): Promise<LoggedIn>
  /** Ends one, and all access tokens that it was exchanged for. Throws AUT_UNKNOWN_PERSONAL_TOKEN. */
  revoke(id: string, actor: Actor): Promise<void>
  /** As the leader has it. */
  find(id: string): Promise<StoredToken | undefined>
  /** Those that have not ended: of this process at once, of others a moment late. */
  list(): readonly ListedToken[]
  /** Removes those that have ended by themselves or with their user; one whose user's record cannot be read stays. */
  sweep(): Promise<void>
}

/** What personal tokens are kept with. */
export interface PersonalTokensOptions extends IssueOptions {
  readonly broker: Broker
  readonly revoker: Revoker
  /** The buckets as they are followed. */
  readonly held: Pick<Watched<StoredToken>, 'values' | 'revision'>
  readonly userList: ReadonlyMap<string, StoredUser>
  readonly clock: Pick<Clock, 'nowMs'>
  /** Whether tokens of a user are taken now; those of others wait. `users` finds nobody else. */
  readonly areTaken: (user: StoredUser) => boolean
  readonly budget: AuditBudget
  readonly audit: Audit
}

const DAY_MS = 24 * 3_600_000

/** Runs, and tells of its refusal. */
function told(audit: Audit, { name, address }: Pick<Actor, 'name' | 'address'>, assert: () => void): void {
  try {
    assert()
  } catch (caught) {
    audit({ what: 'token-refused', name, code: AppError.from(caught).code, address })
    throw caught
  }
}

/** The personal tokens of a site; nothing is asked yet. */
export function createPersonalTokens(options: PersonalTokensOptions): PersonalTokens {
  const { broker, users, revoker, held, userList, areTaken, clock, budget, audit } = options
  const store = createTokenStore(broker)
  const made = createMadeTokens(held)

  const waits = (name: string): boolean => {
    const user = userList.get(name)
    return user !== undefined && !areTaken(user)
  }

  function list(): readonly ListedToken[] {
    const now = clock.nowMs()
    return [...held.values, ...made.notFollowed()].flatMap(([id, token]) =>
      isLive(token, userList.get(token.user), now) ? [{ ...token, id, waitsForLogIn: waits(token.user) }] : []
    )
  }

  function assertRoom(name: string): void {
    const { perUser } = PERSONAL_TOKEN_LIMITS
    if (list().filter(({ user }) => user === name).length < perUser) return
    throw new AppError('AUT_TOO_MANY_TOKENS', { detail: `${perUser}`, limit: perUser })
  }

  async function removeEnded(id: string, now: number): Promise<void> {
    const stored = await store.read(id)
    if (stored === undefined || isLive(stored.value, await users.find(stored.value.user), now)) return
    await store.removeUnchanged(id, stored.revision)
  }

  async function recordOf(maker: TokenMaker, token: NewToken, secret: string): Promise<StoredToken> {
    const { name, generation } = maker
    const user = await users.find(name)
    if (user === undefined) throw new AppError('AUT_UNKNOWN_USER', { detail: name, user: name })
    if (user.disabled || user.generation !== generation) throw new AppError('AUT_SESSION_ENDED')
    return firstRecord({ user: name, generation, secretHash: hashOf(secret) }, token, clock.nowMs())
  }

  return {
    list,
    admit: actor =>
      told(audit, actor, () => {
        assertRoom(actor.name)
        budget.take(actor.name)
      }),
    exchange: createExchange({ ...options, store, waits }),
    find: async id => (await store.read(id))?.value,
    async make(maker, wanted) {
      const { name, address } = maker
      const token = newPersonalToken()
      const record = await recordOf(maker, wanted, token.secret)
      told(audit, { name, address }, () => assertRoom(name))
      await made.while(token.id, record, () => store.create(token.id, record))
      audit({ what: 'token-made', name, session: token.id, token: wanted.name, address })
      return { text: personalTokenText(token), token: { ...record, id: token.id, waitsForLogIn: false } }
    },
    async revoke(id, { name: by, address }) {
      const stored = await store.read(id)
      if (stored === undefined) throw new AppError('AUT_UNKNOWN_PERSONAL_TOKEN', { detail: id.slice(0, 60) })
      const { user: name, name: token } = stored.value
      made.forget(id)
      const wasThere = await store.remove(id)
      await revoker.revokeSession(id, `personal token revoked by ${by}`)
      if (wasThere) audit({ what: 'token-revoked', name, session: id, token, by, address })
    },
    async sweep() {
      const now = clock.nowMs()
      for (const [id, token] of held.values)
        if (!isLive(token, userList.get(token.user), now)) await whereReadable(() => removeEnded(id, now))
    }
  }
}

/** A token at first; `now` in UTC ms. */
const firstRecord = (
  owner: Pick<StoredToken, 'user' | 'generation' | 'secretHash'>,
  { name, scopes, days = PERSONAL_TOKEN_LIMITS.days.usual }: NewToken,
  now: number
): StoredToken => ({
  ...{ ...owner, name, scopes: [...new Set(scopes)] },
  ...{ madeAt: now, expiresAt: now + days * DAY_MS, usedAt: 0, usedFrom: '' }
})
