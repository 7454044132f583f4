import type { Stored } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Audit } from './auth-event.ts'
import type { LoggedIn } from './issue-token.ts'
import { ageOf, nextRefreshToken, parseRefreshToken, type RefreshToken, textOf } from './refresh-token.ts'
import { SESSION_LIMITS } from './session-limits.ts'
import { type From, nextRecord } from './session-record.ts'
import type { SessionStore } from './session-store.ts'
import { endOf, type StoredSession } from './stored-session.ts'

/** Where sessions are kept, and what makes, ends and records them while they are refreshed. */
export interface RefreshParts {
  readonly store: Pick<SessionStore, 'read' | 'rotate'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly audit: Audit
  /** An access token of a session. Throws AUT_SESSION_ENDED where its user was changed. */
  readonly issue: (id: string, session: StoredSession) => Promise<LoggedIn>
  /** Ends a session and its access tokens; false where it had just ended. */
  readonly end: (id: string, why: string) => Promise<boolean>
}

const TRIES = 5
const ended = (): AppError => new AppError('AUT_SESSION_ENDED')

/** How a session goes on by its refresh token: as `Sessions.refresh` says. */
export function createRefresh(parts: RefreshParts): (token: string, from: From) => Promise<LoggedIn> {
  const { store, clock, audit, issue, end } = parts

  async function reused(id: string, { user: name }: StoredSession, { address }: From): Promise<never> {
    const wasThere = await end(id, 'an old refresh token was shown')
    if (wasThere) audit({ what: 'refresh-reused', name, session: id, address })
    throw ended()
  }

  /** The next token of a session; undefined where another request rotated at the same time. */
  async function rotate(shown: RefreshToken, { value, revision }: Stored<StoredSession>, from: From) {
    const token = nextRefreshToken(shown)
    const next = nextRecord(value, { from, token }, clock.nowMs())
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

  return async (text, from) => {
    const { address } = from
    try {
      const done = await refreshed(text, from)
      audit({ what: 'refresh', name: done.name, session: done.session, address })
      return done
    } catch (caught) {
      // A page that asks without a cookie asks whether somebody is logged in.
      if (text !== '') audit({ what: 'refresh-refused', code: AppError.from(caught).code, address })
      throw caught
    }
  }
}

/** What a token is shown for: to go on, beside another tab that just did, with a stolen copy, or for nothing. */
function useOf(shown: RefreshToken, session: StoredSession, now: number): 'next' | 'twin' | 'theft' | 'none' {
  const age = ageOf(shown, session)
  if (age === 'stranger') return 'none'
  if (age === 'current') return 'next'
  return age === 'before' && now - session.rotatedAt <= SESSION_LIMITS.graceMs ? 'twin' : 'theft'
}
