import { isHashOf, randomText } from './secrets.ts'
import type { StoredSession } from './stored-session.ts'

// `<session>.<family>.<secret>`: the secret is another in each token of a session, the family is the same in all. Of a
// token with the right family and a secret that is not the last one somebody has a copy, however old it is; who knows
// the id of a session alone, as it stands in lists, can do nothing.

/** A refresh token as its text says it: the session that it claims, and the secret that proves it. */
export interface RefreshToken {
  readonly session: string
  readonly family: string
  readonly secret: string
}

const FORM = /^([\w-]{22})\.([\w-]{22})\.([\w-]{43})$/

/** A token as it came; undefined where it is none. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, session, family, secret] = FORM.exec(text) ?? []
  return session && family && secret ? { session, family, secret } : undefined
}

/** A token as it is sent. */
export const textOf = ({ session, family, secret }: RefreshToken): string => `${session}.${family}.${secret}`

/** The first token of a new session. */
export const newRefreshToken = (): RefreshToken => ({
  session: randomText(16),
  family: randomText(16),
  secret: randomText(32)
})

/** The token after this one. */
export const nextRefreshToken = (token: RefreshToken): RefreshToken => ({ ...token, secret: randomText(32) })

/** Of which age a token is; `stranger`: it is none of this session. */
export type Age = 'current' | 'before' | 'older' | 'stranger'

/** The age of a token of a session. */
export function ageOf({ family, secret }: RefreshToken, session: StoredSession): Age {
  if (!isHashOf(session.familyHash, family)) return 'stranger'
  if (isHashOf(session.currentHash, secret)) return 'current'
  return isHashOf(session.beforeHash, secret) ? 'before' : 'older'
}
