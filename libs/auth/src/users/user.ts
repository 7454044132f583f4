import { AppError } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'
import { type Static, type TSchema, Type } from 'typebox'
import { Check } from 'typebox/schema'
import { randomText } from './secrets.ts'

const ms = Type.Integer({ minimum: 0 })
const closed = { additionalProperties: false } as const

/** A user as the bucket `auth_users` holds it, by the name; times in UTC ms. */
export const storedUserSchema = Type.Object(
  {
    fullName: Type.String({ maxLength: USER_LIMITS.fullName }),
    roles: Type.Array(Type.String(), { maxItems: USER_LIMITS.roles }),
    disabled: Type.Boolean(),
    /** As `hashPassword` makes it; absent: he logs in through a provider. */
    passwordHash: Type.Optional(Type.String()),
    /** Who he is at the OpenID provider, for good, and when he logged in there last, to the hour; absent: he has a password. */
    provider: Type.Optional(
      Type.Object({ issuer: Type.String(), subject: Type.String(), loggedInAt: ms }, closed)
    ),
    madeAt: ms,
    madeBy: Type.String(),
    changedAt: ms,
    changedBy: Type.String(),
    /**
     * Random; another one when the password is changed, the user disabled, left without a role by the provider, or made anew: sessions
     * and personal tokens of another one have ended.
     */
    generation: Type.String(),
    /** 1 at first, one more with each change. */
    version: Type.Integer({ minimum: 1 })
  },
  closed
)

/**
 * A user as the bucket `auth_users` holds it: times in UTC ms, with the hash of the password. It is shown to
 * nobody.
 */
export type StoredUser = Readonly<Static<typeof storedUserSchema>>

/** Whether a value of the bucket `auth_users` is a user. */
export const isUserRecord = (value: unknown): value is StoredUser => Check(storedUserSchema, value)

/** A user as others may see it, times in UTC ms: without hash, generation, and who he is at the provider. */
export type User = {
  readonly name: string
  /** Whether the OpenID provider keeps him; absent: he has a password. */
  readonly ofProvider?: true
} & Omit<StoredUser, 'passwordHash' | 'generation' | 'provider'>

/** What may be shown of a stored user: all but the hash, the generation and who he is at the provider. */
export function userOf(name: string, stored: StoredUser): User {
  const { passwordHash: _hash, generation: _generation, provider, ...shown } = stored
  return { name, ...shown, ...(provider && { ofProvider: true }) }
}

/** Who wrote a record, and when, in UTC ms. */
interface Written {
  readonly at: number
  readonly by: string
}

/** A user at first: enabled. */
export const newUserOf = (
  user: Pick<StoredUser, 'fullName' | 'passwordHash' | 'provider'> & { readonly roles: readonly string[] },
  { at, by }: Written
): StoredUser => ({
  ...{ ...user, roles: [...new Set(user.roles)], disabled: false, version: 1, generation: newGeneration() },
  ...{ madeAt: at, madeBy: by, changedAt: at, changedBy: by }
})

const newGeneration = (): string => randomText(9)

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
    ...{ ...old, ...next, roles: [...new Set(next.roles ?? old.roles)] },
    ...{ generation: endsSessions ? newGeneration() : old.generation },
    ...{ changedAt: at, changedBy: by, version: old.version + 1 }
  }
}

/** A user whom the provider gives no role any more; his sessions and personal tokens end. */
export const withoutRoles = (old: StoredUser, written: Written): StoredUser => ({
  ...nextOf(old, { roles: [] }, written),
  generation: newGeneration()
})

/** A value of a bucket as the schema says. Throws AUT_BAD_RECORD. */
export function readRecord<S extends TSchema>(schema: S, key: string, value: unknown): Static<S> {
  if (Check(schema, value)) return value as Static<S>
  throw new AppError('AUT_BAD_RECORD', { detail: `key ${key.slice(0, 80)}` })
}
