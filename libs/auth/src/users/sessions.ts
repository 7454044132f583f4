import type { Broker, Stored } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Audit, Revoker } from './auth-event.ts'
import { type IssueOptions, issueToken, type LoggedIn } from './issue-token.ts'
import {
  ageOf,
  newRefreshToken,
  nextRefreshToken,
  parseRefreshToken,
  type RefreshToken,
  textOf
} from './refresh-token.ts'
import { hashOf } from './secrets.ts'
import { SESSION_LIMITS } from './session-limits.ts'
import { createSessionStore } from './session-store.ts'
import { endOf, type StoredSession } from './stored-session.ts'
import type { StoredUser } from './user.ts'
import type { Actor } from './users.ts'

/** From where a session is used. */
export interface From {
  readonly address: string
  readonly userAgent: string
}

/** A session of a list. */
export type ListedSession = StoredSession & { readonly id: string }

/** The sessions of a site, in the bucket `auth_sessions`. All throw what a Bucket throws. */
export interface Sessions {
  /** Begins one for a user whose password was right. Throws AUT_SESSION_ENDED where he was changed meanwhile. */
  begin(name: string, user: StoredUser, from: From): Promise<LoggedIn>
  /**
   * Continues one by its refresh token, with the roles that the user has now; the token is replaced by the next. Throws
   * AUT_SESSION_ENDED, also where an old token is shown: then somebody has a copy, and the session ends.
   */
  refresh(token: string, from: From): Promise<LoggedIn>
  /** Ends one and its access tokens, whether it is there or not. */
  end(id: string, actor: Actor): Promise<void>
  /** The session that a refresh token is of, whatever its age; undefined where it is of none. */
  sessionOf(token: string): Promise<string | undefined>
  /** As the leader has it. */
  find(id: string): Promise<StoredSession | undefined>
  /** Those that have not ended, a moment late. */
  list(): readonly ListedSession[]
  /** Removes those that have ended by themselves. */
  sweep(): Promise<void>
}

/** What sessions are kept with. */
export interface SessionsOptions extends IssueOptions {
  readonly broker: Broker
  readonly revoker: Revoker
  /** The bucket as it is followed. */
  readonly held: ReadonlyMap<string, StoredSession>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly audit: Audit
}

const TRIES = 5
const ended = (): AppError => new AppError('AUT_SESSION_ENDED')

/** The sessions of a site; nothing is asked yet. */
export function createSessions(options: SessionsOptions): Sessions {
  const { broker, revoker, held, clock, audit } = options
  const store = createSessionStore(broker)
  const list = (): readonly ListedSession[] => liveOf(held, clock.nowMs())

  async function end(id: string, why: string): Promise<void> {
    await store.remove(id)
    await revoker.revokeSession(id, why)
  }

  async function issue(id: string, session: StoredSession): Promise<LoggedIn> {
    const issued = await issueToken(options, id, session)
    if (issued !== undefined) return issued
    await end(id, 'the user was changed')
    throw ended()
  }

  async function endOldest(name: string): Promise<void> {
    const own = list().filter(({ user }) => user === name)
    const [oldest] = own.sort((a, b) => a.usedAt - b.usedAt)
    if (oldest === undefined || own.length < SESSION_LIMITS.perUser) return
    await end(oldest.id, 'too many sessions')
    audit({ what: 'session-ended', name, session: oldest.id })
  }

  async function reused(id: string, { user: name }: StoredSession, { address }: From): Promise<never> {
    await end(id, 'an old refresh token was shown')
    audit({ what: 'refresh-reused', name, session: id, address })
    throw ended()
  }

  /** The next token of a session; undefined where another request rotated at the same time. */
  async function rotate(shown: RefreshToken, { value, revision }: Stored<StoredSession>, from: From) {
    const token = nextRefreshToken(shown)
    const next = { ...value, ...shortened(from), ...rotation(value, token, clock.nowMs()) }
    if (!(await store.rotate(shown.session, next, revision))) return undefined
    return { ...(await issue(shown.session, next)), refresh: textOf(token) }
  }

  /** One try; undefined where another request rotated at the same time. */
  async function tryRefresh(shown: RefreshToken, from: From): Promise<LoggedIn | undefined> {
    const stored = await store.read(shown.session)
    const now = clock.nowMs()
    if (stored === undefined || endOf(stored.value) <= now) throw ended()
    const use = useOf(shown, stored.value, now)
    if (use === 'none') throw ended()
    if (use === 'theft') return reused(shown.session, stored.value, from)
    return use === 'twin' ? issue(shown.session, stored.value) : rotate(shown, stored, from)
  }

  async function refreshed(text: string, from: From): Promise<LoggedIn> {
    const shown = parseRefreshToken(text)
    if (shown === undefined) throw ended()
    for (let tried = 0; tried < TRIES; tried++) {
      const done = await tryRefresh(shown, from)
      if (done !== undefined) return done
    }
    throw new AppError('BRK_TIMEOUT', { detail: 'too many refresh this session at once' })
  }

  return {
    list,
    async begin(name, { generation }, from) {
      await endOldest(name)
      const token = newRefreshToken()
      const session = newSession({ user: name, generation, ...shortened(from) }, token, clock.nowMs())
      await store.create(token.session, session)
      return { ...(await issue(token.session, session)), refresh: textOf(token) }
    },
    async refresh(text, from) {
      const { address } = from
      try {
        const done = await refreshed(text, from)
        audit({ what: 'refresh', name: done.name, session: done.session, address })
        return done
      } catch (caught) {
        audit({ what: 'refresh-refused', code: AppError.from(caught).code, address })
        throw caught
      }
    },
    async end(id, { name: by, address }) {
      await end(id, `ended by ${by}`)
      audit({ what: 'session-ended', session: id, by, address })
    },
    async sessionOf(text) {
      const shown = parseRefreshToken(text)
      const stored = shown && (await store.read(shown.session))
      if (shown === undefined || stored === undefined) return undefined
      return ageOf(shown, stored.value) === 'stranger' ? undefined : shown.session
    },
    find: async id => (await store.read(id))?.value,
    async sweep() {
      const now = clock.nowMs()
      for (const [id, session] of held) if (endOf(session) <= now) await store.removeEnded(id, now)
    }
  }
}

const liveOf = (held: ReadonlyMap<string, StoredSession>, now: number): readonly ListedSession[] =>
  [...held].flatMap(([id, session]) => (endOf(session) > now ? [{ ...session, id }] : []))

/** What a token is shown for: to go on, beside another tab that just did, with a stolen copy, or for nothing. */
function useOf(shown: RefreshToken, session: StoredSession, now: number): 'next' | 'twin' | 'theft' | 'none' {
  const age = ageOf(shown, session)
  if (age === 'stranger') return 'none'
  if (age === 'current') return 'next'
  return age === 'before' && now - session.rotatedAt <= SESSION_LIMITS.graceMs ? 'twin' : 'theft'
}

const shortened = ({ address, userAgent }: From): From => ({
  address,
  userAgent: userAgent.slice(0, SESSION_LIMITS.userAgent)
})

const newSession = (
  about: From & Pick<StoredSession, 'user' | 'generation'>,
  { family, secret }: RefreshToken,
  now: number
): StoredSession => ({
  ...{ ...about, begunAt: now, usedAt: now, rotatedAt: now },
  ...{ familyHash: hashOf(family), currentHash: hashOf(secret), beforeHash: '' }
})

const rotation = ({ currentHash }: StoredSession, { secret }: RefreshToken, now: number) => ({
  ...{ currentHash: hashOf(secret), beforeHash: currentHash },
  ...{ rotatedAt: now, usedAt: now }
})
