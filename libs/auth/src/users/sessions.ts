import type { Broker } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Revoker } from '../tokens/revocations.ts'
import type { Audit } from './auth-event.ts'
import { type IssueOptions, issueToken, type LoggedIn } from './issue-token.ts'
import { createRefresh } from './refresh.ts'
import { ageOf, newRefreshToken, parseRefreshToken, textOf } from './refresh-token.ts'
import { SESSION_LIMITS } from './session-limits.ts'
import { type BegunFrom, type From, firstRecord } from './session-record.ts'
import { createSessionStore } from './session-store.ts'
import { endOf, type StoredSession } from './stored-session.ts'
import type { StoredUser } from './user.ts'
import type { Actor } from './users.ts'
import { readableOf, whereReadable } from './watch-records.ts'

/** A session as lists show it: what is stored, and the id by which it can be ended. */
export type ListedSession = StoredSession & { readonly id: string }

/** The sessions of a site, in the bucket `auth_sessions`. All throw what a Bucket throws. */
export interface Sessions {
  /** Begins one for a user who has proved who he is. Throws AUT_SESSION_ENDED where he was changed meanwhile. */
  begin(name: string, user: StoredUser, from: BegunFrom): Promise<LoggedIn>
  /**
   * Continues one by its refresh token, with the roles that the user has now; the token is replaced by the next. Throws
   * AUT_SESSION_ENDED, also where an old token is shown: then somebody has a copy, and the session ends.
   */
  refresh(token: string, from: From): Promise<LoggedIn>
  /**
   * Ends one and its access tokens, whether it is there or not; of several who do so at once one alone is audited, as a
   * log-out where its user has asked for that.
   */
  end(id: string, actor: Actor, what?: 'session-ended' | 'log-out'): Promise<void>
  /** Ends the one whose browser has another now, as `end`; undefined: it had none. Never rejects: the other one has begun. */
  replace(id: string | undefined, actor: Actor): Promise<void>
  /** The session that a refresh token is of, whatever its age; undefined where it is of none, or that cannot be read. */
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
  /** The buckets as they are followed. */
  readonly held: ReadonlyMap<string, StoredSession>
  readonly userList: ReadonlyMap<string, StoredUser>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly audit: Audit
}

/** The sessions of a site; nothing is asked yet. */
export function createSessions(options: SessionsOptions): Sessions {
  const { broker, revoker, held, userList, clock, audit } = options
  const store = createSessionStore(broker)
  const list = (): readonly ListedSession[] => liveOf(held, userList, clock.nowMs())

  /** Whose a session is, as far as is known by now. */
  function ofUser(id: string): { readonly name?: string } {
    const user = held.get(id)?.user
    return user === undefined ? {} : { name: user }
  }

  /** Whether there was one: of several who end it at once one alone tells of it. */
  async function end(id: string, why: string): Promise<boolean> {
    const wasThere = await store.remove(id)
    await revoker.revokeSession(id, why)
    return wasThere
  }

  async function issue(id: string, session: StoredSession): Promise<LoggedIn> {
    const issued = await issueToken(options, id, session)
    if (issued !== undefined) return issued
    await end(id, 'the user was changed')
    throw new AppError('AUT_SESSION_ENDED')
  }

  async function endOldest(name: string): Promise<void> {
    const own = list().filter(({ user }) => user === name)
    const [oldest] = own.sort((a, b) => a.usedAt - b.usedAt)
    if (oldest === undefined || own.length < SESSION_LIMITS.perUser) return
    if (await end(oldest.id, 'too many sessions')) audit({ what: 'session-ended', name, session: oldest.id })
  }

  return {
    list,
    async begin(name, { generation }, from) {
      await endOldest(name)
      const token = newRefreshToken()
      const session = firstRecord({ user: name, generation, from }, token, clock.nowMs())
      await store.create(token.session, session)
      return { ...(await issue(token.session, session)), refresh: textOf(token) }
    },
    refresh: createRefresh({ store, clock, audit, issue, end }),
    async end(id, { name: by, address }, what = 'session-ended') {
      const of = ofUser(id)
      if (await end(id, `ended by ${by}`)) audit({ what, ...of, session: id, by, address })
    },
    async replace(id, actor) {
      if (id === undefined) return
      const { name: by, address } = actor
      const told = { what: 'session-ended', ...ofUser(id), session: id, by, address } as const
      try {
        if (await end(id, `replaced by ${by}`)) audit(told)
      } catch (caught) {
        // It is told; it ends by itself, or by hand.
        audit({ ...told, code: AppError.from(caught).code })
      }
    },
    async sessionOf(text) {
      const shown = parseRefreshToken(text)
      const stored = shown && (await readableOf(store.read(shown.session)))
      if (shown === undefined || stored === undefined) return undefined
      return ageOf(shown, stored.value) === 'stranger' ? undefined : shown.session
    },
    find: async id => (await store.read(id))?.value,
    async sweep() {
      const now = clock.nowMs()
      for (const [id, session] of held)
        if (endOf(session) <= now) await whereReadable(() => store.removeEnded(id, now))
    }
  }
}

/** Those that go on: the user is there, and was neither disabled nor given another password since. */
const liveOf = (
  held: ReadonlyMap<string, StoredSession>,
  users: ReadonlyMap<string, StoredUser>,
  now: number
): readonly ListedSession[] =>
  [...held].flatMap(([id, session]) => {
    const user = users.get(session.user)
    const goesOn = user !== undefined && !user.disabled && user.generation === session.generation
    return goesOn && endOf(session) > now ? [{ ...session, id }] : []
  })
