import { AppError } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'
import Type, { type Static, type TSchema } from 'typebox'
import { Check } from 'typebox/schema'

const ms = Type.Integer({ minimum: 0 })
const closed = { additionalProperties: false } as const

/** A user as the bucket `auth_users` holds it, by the name; times in UTC ms. */
export const storedUserSchema = Type.Object(
  {
    fullName: Type.String({ maxLength: USER_LIMITS.fullName }),
    roles: Type.Array(Type.String(), { maxItems: USER_LIMITS.roles }),
    disabled: Type.Boolean(),
    /** As `hashPassword` makes it. */
    passwordHash: Type.String(),
    madeAt: ms,
    madeBy: Type.String(),
    changedAt: ms,
    changedBy: Type.String(),
    /** Sessions that began before have ended: the password was changed, or the user made anew. */
    sessionsFrom: ms,
    /** 1 at first, one more with each change. */
    version: Type.Integer({ minimum: 1 })
  },
  closed
)

/** A user as the bucket holds it. */
export type StoredUser = Readonly<Static<typeof storedUserSchema>>

/** A user as others may see it. */
export type User = { readonly name: string } & Omit<StoredUser, 'passwordHash' | 'sessionsFrom'>

/** What may be shown of a user. */
export function userOf(name: string, stored: StoredUser): User {
  const { passwordHash: _hash, sessionsFrom: _from, ...shown } = stored
  return { name, ...shown }
}

/** Who wrote a record, and when, in UTC ms. */
interface Written {
  readonly at: number
  readonly by: string
}

/** A user at first: enabled. */
export const newUserOf = (
  user: Pick<StoredUser, 'fullName' | 'passwordHash'> & { readonly roles: readonly string[] },
  { at, by }: Written
): StoredUser => ({
  ...{ ...user, roles: [...user.roles], disabled: false, version: 1, sessionsFrom: at },
  ...{ madeAt: at, madeBy: by, changedAt: at, changedBy: by }
})

/** What may become another of a user. */
interface NextValues {
  readonly fullName?: string
  readonly roles?: readonly string[]
  readonly disabled?: boolean
  readonly passwordHash?: string
}

/** A user after a change; a new password and being disabled end the sessions of before. */
export function nextOf(old: StoredUser, next: NextValues, { at, by }: Written): StoredUser {
  const endsSessions = next.passwordHash !== undefined || next.disabled === true
  return {
    ...{ ...old, ...next, roles: [...(next.roles ?? old.roles)] },
    ...{ sessionsFrom: endsSessions ? at : old.sessionsFrom },
    ...{ changedAt: at, changedBy: by, version: old.version + 1 }
  }
}

/** A value of a bucket as the schema says. Throws AUT_BAD_RECORD. */
export function readRecord<S extends TSchema>(schema: S, key: string, value: unknown): Static<S> {
  if (Check(schema, value)) return value as Static<S>
  throw new AppError('AUT_BAD_RECORD', { detail: `key ${key.slice(0, 80)}` })
}
