import { type Static, Type } from 'typebox'
import { SESSION_LIMITS } from './session-limits.ts'

const ms = Type.Integer({ minimum: 0 })

/** A session as the bucket `auth_sessions` holds it, by its id; times in UTC ms, hashes SHA-256 in base64url. */
export const storedSessionSchema = Type.Object(
  {
    user: Type.String(),
    /** That of the user when it began; with another the session has ended. */
    generation: Type.String(),
    /** Of the part of its refresh tokens that stays the same. */
    familyHash: Type.String(),
    /** Of the part that the last refresh token has, and of the one before; empty: there was none. */
    currentHash: Type.String(),
    beforeHash: Type.String(),
    rotatedAt: ms,
    address: Type.String(),
    userAgent: Type.String(),
    begunAt: ms,
    usedAt: ms,
    /** When it ends however often it is refreshed, where that is sooner than it is for all. */
    endsAt: Type.Optional(ms)
  },
  { additionalProperties: false }
)

/**
 * A session as the bucket `auth_sessions` holds it: times in UTC ms, and hashes of its tokens, from which
 * nobody makes one.
 */
export type StoredSession = Readonly<Static<typeof storedSessionSchema>>

/** When a session ends if it is not refreshed, UTC ms. */
export const endOf = ({ begunAt, usedAt, endsAt = Number.POSITIVE_INFINITY }: StoredSession): number =>
  Math.min(usedAt + SESSION_LIMITS.idleMs, begunAt + SESSION_LIMITS.mostMs, endsAt)
