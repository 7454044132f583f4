import { PRINTABLE } from '@meridian/errors'
import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

/** What a user may have: characters of a name as it comes, of a password and of the name that people read, and roles. */
export const USER_LIMITS = {
  name: 64,
  password: { least: 12, most: 256 },
  fullName: 100,
  roles: 20
} as const

const closed = { additionalProperties: false } as const

/** The name of a user, as it comes. */
export const nameSchema = Type.String({
  minLength: 1,
  maxLength: USER_LIMITS.name,
  description: 'name of a user'
})

const passwordSchema = Type.String({
  maxLength: USER_LIMITS.password.most,
  description: `password of ${USER_LIMITS.password.least} to ${USER_LIMITS.password.most} characters`
})
const fullNameSchema = Type.String({
  maxLength: USER_LIMITS.fullName,
  pattern: PRINTABLE,
  description: `the name that people read, at most ${USER_LIMITS.fullName} characters, none of them a control character`
})
const rolesSchema = Type.Array(Type.String({ maxLength: 50 }), {
  maxItems: USER_LIMITS.roles,
  description: `roles of the site, at most ${USER_LIMITS.roles}`
})

/** Body of `POST /api/users/first`. */
export const firstUserSchema = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 100, description: 'the token that an api has logged' }),
    name: nameSchema,
    fullName: Type.Optional(fullNameSchema),
    password: passwordSchema
  },
  closed
)

/** Answer of `GET /api/users/first`. */
export const firstWantedSchema = Type.Object({
  wanted: Type.Boolean({
    description:
      'true: nobody may manage users, so the first administrator can be made with the token of the log'
  }),
  others: Type.Boolean({ description: 'true: there are users who can log in' })
})

/** Body of `POST /api/users`. */
export const newUserSchema = Type.Object(
  {
    name: nameSchema,
    fullName: Type.Optional(fullNameSchema),
    roles: rolesSchema,
    password: passwordSchema
  },
  closed
)

/** Body of `PATCH /api/users/{name}`; what is not named stays. */
export const userChangesSchema = Type.Object(
  {
    fullName: Type.Optional(fullNameSchema),
    roles: Type.Optional(rolesSchema),
    disabled: Type.Optional(Type.Boolean({ description: 'true: he may not log in, and his sessions end' })),
    password: Type.Optional(passwordSchema),
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'the version that was read; the change is refused where it is another by now'
      })
    )
  },
  closed
)

/** Body of `POST /api/me/password`. */
export const ownPasswordSchema = Type.Object(
  { old: Type.String({ minLength: 1, maxLength: USER_LIMITS.password.most }), new: passwordSchema },
  closed
)

/** A user. */
export const userSchema = Type.Object({
  name: Type.String(),
  fullName: Type.String({ description: 'the name that people read' }),
  roles: Type.Array(Type.String()),
  disabled: Type.Boolean({ description: 'whether he may not log in' }),
  version: Type.Integer({ description: '1 at first, one more with each change' }),
  madeAt: taiSeconds('when he was made'),
  madeBy: Type.String({ description: 'by which user' }),
  changedAt: taiSeconds('when he was changed last'),
  changedBy: Type.String({ description: 'by which user' }),
  ofProvider: Type.Optional(
    Type.Boolean({
      description: 'whether he logs in through the OpenID provider, which says his roles; absent: by password'
    })
  )
})

/** Answer of `GET /api/users`. */
export const usersSchema = Type.Object({
  users: Type.Array(userSchema, { description: 'all, by name' }),
  unreadable: Type.Array(Type.Object({ name: Type.String(), code: Type.String() }), {
    description:
      'users whose records cannot be read, and the code of why: nobody logs in as one; to be removed'
  })
})

/** A user. */
export type UserAnswer = Answer<typeof userSchema>

/** Answer of `GET /api/users`. */
export type UsersAnswer = Answer<typeof usersSchema>

/** Answer of `GET /api/users/first`. */
export type FirstWantedAnswer = Answer<typeof firstWantedSchema>

/** Body of `POST /api/users/first`. */
export type FirstUserBody = Answer<typeof firstUserSchema>

/** Body of `POST /api/users`. */
export type NewUserBody = Answer<typeof newUserSchema>

/** Body of `PATCH /api/users/{name}`. */
export type UserChangesBody = Answer<typeof userChangesSchema>

/** Body of `POST /api/me/password`. */
export type OwnPasswordBody = Answer<typeof ownPasswordSchema>
