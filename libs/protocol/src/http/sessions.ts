import type { WireError } from '@meridian/errors'
import { Type } from 'typebox'
import { wireErrorSchema } from '../commands/answer.ts'
import type { Answer } from './answer.ts'
import { described } from './described.ts'
import { taiSeconds } from './tai-seconds.ts'
import { nameSchema, USER_LIMITS } from './users.ts'

const closed = { additionalProperties: false } as const

const refreshText = Type.String({ minLength: 1, maxLength: 200, description: 'refresh token' })

/** Body of `POST /api/session`: name and password, and whether cookies are set; other members are refused. */
export const logInSchema = Type.Object(
  {
    name: nameSchema,
    password: Type.String({
      minLength: 1,
      maxLength: USER_LIMITS.password.most,
      description: `a text of at most ${USER_LIMITS.password.most} characters`
    }),
    cookies: Type.Optional(
      Type.Boolean({
        description:
          'false: the answer has the refresh token, and no cookies are set; for programs. Default: true'
      })
    )
  },
  closed
)

/** Body of `POST /api/session/refresh` and `DELETE /api/session`, for programs without cookies. */
export const refreshSchema = Type.Object({ refresh: Type.Optional(refreshText) }, closed)

/** Answer to a log-in and to a refresh: an access token, and for programs the refresh token to go on with. */
export const loggedInSchema = Type.Object({
  name: Type.String({ description: 'name of the user' }),
  roles: Type.Array(Type.String(), { description: 'the roles that he has' }),
  token: Type.String({ description: 'access token, for `Authorization: Bearer`' }),
  expiresAt: taiSeconds('until when the token is good; refresh it before'),
  refresh: Type.Optional(
    Type.String({
      description:
        'to go on with, used once; absent where cookies have it, and where another request just got it'
    })
  )
})

/** Characters of the page that a log-in through a provider comes back to. */
export const RETURN_PAGE_MOST = 512

/** Answer of `GET /api/session/way`. */
export const logInWaySchema = Type.Object({
  site: Type.String({ description: 'name of the site' }),
  mode: Type.Enum(['local', 'oidc'], {
    description:
      'local: with a password; oidc: through an OpenID provider, by opening `/api/session/oidc` in a browser'
  }),
  provider: Type.Optional(
    Type.String({ description: 'what people call the provider; absent in mode local' })
  ),
  refusal: Type.Optional(
    described<WireError>(wireErrorSchema, {
      code: 'why the last log-in of this browser through the provider failed; told once',
      canRetry: 'whether the same log-in may succeed later'
    })
  )
})

/** Sessions that one list has at most. */
export const SESSION_LIST_MOST = 1_000

const sessionSchema = Type.Object({
  id: Type.String(),
  user: Type.String({ description: 'name of the user' }),
  address: Type.String({ description: 'from where it was used last' }),
  userAgent: Type.String({ description: 'with what, as that says of itself' }),
  begunAt: taiSeconds('when it began'),
  usedAt: taiSeconds('when it was refreshed last'),
  endsAt: taiSeconds('when it ends if it is not refreshed'),
  isOwn: Type.Boolean({ description: 'whether it is the session of whoever asks' })
})

/** Answer of `GET /api/sessions`. */
export const sessionsSchema = Type.Object({
  sessions: Type.Array(sessionSchema, { description: 'those used last come first' }),
  complete: Type.Boolean({ description: 'false: there are more than one list has' })
})

/** Answer to a log-in and to a refresh. */
export type LoggedInAnswer = Answer<typeof loggedInSchema>

/** Answer of `GET /api/session/way`. */
export type LogInWayAnswer = Answer<typeof logInWaySchema>

/** Body of `POST /api/session`. */
export type LogInBody = Answer<typeof logInSchema>

/** Body of `POST /api/session/refresh`. */
export type RefreshBody = Answer<typeof refreshSchema>

/** Answer of `GET /api/sessions`. */
export type SessionsAnswer = Answer<typeof sessionsSchema>
