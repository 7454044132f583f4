import { PRINTABLE } from '@meridian/errors'
import { Type } from 'typebox'
import type { Answer } from './answer.ts'
import { taiSeconds } from './tai-seconds.ts'

/** What a personal token may be made for; each narrows what the user's roles allow, none adds to it. */
export const TOKEN_SCOPES = ['read', 'command'] as const

/** What a personal token may be used for at most. */
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** What a personal token may have: characters of its name, days that it lasts, and how many one user has. */
export const PERSONAL_TOKEN_LIMITS = { name: 60, days: { usual: 90, most: 365 }, perUser: 20 } as const

/** Tokens that one list has at most. */
export const PERSONAL_TOKEN_LIST_MOST = 1_000

const { name: nameLength, days } = PERSONAL_TOKEN_LIMITS
const closed = { additionalProperties: false } as const

const nameText = Type.String({
  minLength: 1,
  maxLength: nameLength,
  pattern: PRINTABLE,
  description: `for which program it is: at most ${nameLength} characters, none of them a control character`
})
const scopes = Type.Array(Type.Enum([...TOKEN_SCOPES]), {
  minItems: 1,
  maxItems: TOKEN_SCOPES.length,
  description: `what it may do, as far as the user's roles allow it: ${TOKEN_SCOPES.join(', ')}`
})

/** Body of `POST /api/tokens`: a name, scopes, and days until it ends; other members are refused. */
export const newPersonalTokenSchema = Type.Object(
  {
    name: nameText,
    scopes,
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: days.most,
        description: `days until it ends, 1 to ${days.most}; default ${days.usual}`
      })
    )
  },
  closed
)

const personalTokenSchema = Type.Object({
  id: Type.String({ description: 'the same letters stand in the token itself, behind `mrd_`' }),
  user: Type.String({ description: 'for whom it speaks' }),
  name: Type.String({ description: 'for which program it is' }),
  scopes,
  madeAt: taiSeconds('when it was made'),
  expiresAt: taiSeconds('when it ends'),
  usedAt: Type.Optional(taiSeconds('when it was used last, to the hour; absent: never')),
  usedFrom: Type.Optional(Type.String({ description: 'the address that it was used from then' })),
  waitsForLogIn: Type.Optional(
    Type.Boolean({ description: 'true: not good until its user has logged in through the provider again' })
  )
})

/** Answer of `POST /api/tokens`: the only one that has the token itself. */
export const madePersonalTokenSchema = Type.Object({
  token: Type.String({ description: 'the token; it is shown this once' }),
  personalToken: personalTokenSchema
})

/** Answer of `GET /api/tokens`. */
export const personalTokensSchema = Type.Object({
  tokens: Type.Array(personalTokenSchema, { description: 'the newest first' }),
  complete: Type.Boolean({ description: 'false: there are more than one list has' })
})

/** Body of `POST /api/session/token`. */
export const exchangeSchema = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 200, description: 'personal token: `mrd_…`' }) },
  closed
)

/** A personal token, without what proves it. */
export type PersonalTokenAnswer = Answer<typeof personalTokenSchema>

/** Answer of `POST /api/tokens`. */
export type MadePersonalTokenAnswer = Answer<typeof madePersonalTokenSchema>

/** Answer of `GET /api/tokens`. */
export type PersonalTokensAnswer = Answer<typeof personalTokensSchema>

/** Body of `POST /api/tokens`. */
export type NewPersonalTokenBody = Answer<typeof newPersonalTokenSchema>

/** Body of `POST /api/session/token`. */
export type ExchangeBody = Answer<typeof exchangeSchema>
