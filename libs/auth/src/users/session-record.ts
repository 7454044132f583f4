import type { RefreshToken } from './refresh-token.ts'
import { hashOf } from './secrets.ts'
import { SESSION_LIMITS } from './session-limits.ts'
import type { StoredSession } from './stored-session.ts'

/**
 * From where a session is used: an address as text, and what the browser or program says of itself, cut when
 * stored.
 */
export interface From {
  readonly address: string
  readonly userAgent: string
}

/** From where a session begins, and how long it may last, ms; default: `SESSION_LIMITS.mostMs`. */
export interface BegunFrom extends From {
  readonly mostMs?: number
}

/** Whose session begins, and from where. */
interface Begun extends Pick<StoredSession, 'user' | 'generation'> {
  readonly from: BegunFrom
}

/** A session at first, with its first token; `now` in UTC ms. */
export const firstRecord = (
  { from, ...owner }: Begun,
  { family, secret }: RefreshToken,
  now: number
): StoredSession => ({
  ...{ ...owner, ...shortened(from), begunAt: now, usedAt: now, rotatedAt: now },
  ...{ familyHash: hashOf(family), currentHash: hashOf(secret), beforeHash: '' },
  ...(from.mostMs !== undefined && { endsAt: now + from.mostMs })
})

/** A session with its next token, from where it is used now; `now` in UTC ms. */
export const nextRecord = (
  old: StoredSession,
  { from, token }: { readonly from: From; readonly token: RefreshToken },
  now: number
): StoredSession => ({
  ...{ ...old, ...shortened(from), usedAt: now, rotatedAt: now },
  ...{ currentHash: hashOf(token.secret), beforeHash: old.currentHash }
})

const shortened = ({ address, userAgent }: From): From => ({
  address,
  userAgent: userAgent.slice(0, SESSION_LIMITS.userAgent)
})
