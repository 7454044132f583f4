import { PERSONAL_TOKEN_LIMITS, TOKEN_SCOPES } from '@meridian/protocol/http'
import { type Static, Type } from 'typebox'
import type { StoredUser } from '../users/user.ts'

const ms = Type.Integer({ minimum: 0 })

/** A personal token as the bucket `auth_tokens` holds it, by its id; times in UTC ms. */
export const storedTokenSchema = Type.Object(
  {
    user: Type.String(),
    /** That of the user when it was made; with another the token has ended, as his sessions have. */
    generation: Type.String(),
    /** For which program it is. */
    name: Type.String({ maxLength: PERSONAL_TOKEN_LIMITS.name }),
    scopes: Type.Array(Type.Enum([...TOKEN_SCOPES])),
    /** SHA-256 of its secret, base64url. */
    secretHash: Type.String(),
    madeAt: ms,
    expiresAt: ms,
    /** When it was used last, as far as is written: `USED_EVERY_MS` apart at least; 0: never. */
    usedAt: ms,
    usedFrom: Type.String()
  },
  { additionalProperties: false }
)

/** A personal token as the bucket holds it. */
export type StoredToken = Readonly<Static<typeof storedTokenSchema>>

/** Its last use is written no more often. */
export const USED_EVERY_MS = 3_600_000

/** Whether it is good at a time, UTC ms, for the user as he is then. */
export const isLive = (
  { generation, expiresAt }: StoredToken,
  user: StoredUser | undefined,
  now: number
): boolean => now < expiresAt && user !== undefined && !user.disabled && user.generation === generation
