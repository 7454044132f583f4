import { AppError } from '@meridian/errors'
import { type CryptoKey, type JWTPayload, jwtVerify } from 'jose'
import { isPersonalToken } from '../personal-tokens/token-text.ts'
import type { Principal } from '../principal.ts'
import { LACKS, tokenErrorOf } from './token-error.ts'
import { ALGORITHM, CLOCK_SKEW_S, issuerOf, MOST_TOKEN_LENGTH, TOKEN_TYPE } from './token-rules.ts'

/** What a verifier asks: the keys, and what was revoked. */
export interface VerifierOptions {
  readonly site: string
  /** Throws AUT_BAD_TOKEN, AUT_UNAVAILABLE. */
  readonly findKey: (id: string) => Promise<CryptoKey>
  /** AUT_EXPIRED or AUT_REVOKED where the token of a principal is good no more. */
  readonly whyEnded: (principal: Principal) => AppError | undefined
}

/** Whom a token speaks for. What was verified is remembered while it is good: commands bring a token again and again. */
export interface Verifier {
  /** Rejects with AUT_BAD_TOKEN, AUT_EXPIRED, AUT_REVOKED or AUT_UNAVAILABLE. */
  verify(token: string): Promise<Principal>
  /** The same of a token that is remembered; undefined for others. Throws AUT_EXPIRED, AUT_REVOKED. */
  known(token: string): Principal | undefined
}

/** Tokens that are remembered; the one verified longest ago is forgotten first. */
const REMEMBERED = 10_000

/** Verifies the access tokens of a site, and no others. */
export function createVerifier({ site, findKey, whyEnded }: VerifierOptions): Verifier {
  const verified = new Map<string, Principal>()
  const rules = {
    algorithms: [ALGORITHM],
    typ: TOKEN_TYPE,
    issuer: issuerOf(site),
    audience: issuerOf(site),
    clockTolerance: CLOCK_SKEW_S,
    requiredClaims: ['sub', 'exp', 'iat']
  }
  const remember = (principal: Principal, token: string): void => {
    verified.delete(token)
    verified.set(token, principal)
    if (verified.size > REMEMBERED) verified.delete(verified.keys().next().value as string)
  }
  const read = async (token: string): Promise<Principal> => {
    if (isPersonalToken(token)) throw badToken(EXCHANGE_IT)
    if (token.length > MOST_TOKEN_LENGTH) throw badToken(`longer than ${MOST_TOKEN_LENGTH} characters`)
    try {
      const { payload } = await jwtVerify(token, ({ kid = '' }) => findKey(idOf(kid)), rules)
      return principalOf(payload, token)
    } catch (error) {
      throw tokenErrorOf(error)
    }
  }
  const assertGood = (principal: Principal): Principal => {
    const why = whyEnded(principal)
    if (why !== undefined) throw why
    return principal
  }
  return {
    async verify(token) {
      const principal = assertGood(verified.get(token) ?? (await read(token)))
      remember(principal, token)
      return principal
    },
    known(token) {
      const principal = verified.get(token)
      return principal && assertGood(principal)
    }
  }
}

/** What is signed beside the registered claims. */
export interface OwnClaims {
  readonly roles: readonly string[]
  /** Revision of the user's record that they were read from. */
  readonly urev: number
  readonly sid: string
  readonly host: string
  /** What a personal token was made for, separated by blanks [RFC 8693 4.2]; absent: all that the roles allow. */
  readonly scope?: string
}

function principalOf(
  payload: JWTPayload & Partial<Record<keyof OwnClaims, unknown>>,
  token: string
): Principal {
  const { sub: name, roles, urev, sid: session, host, scope, iat: issuedAt, exp: expiresAt } = payload
  if (typeof name !== 'string' || typeof session !== 'string' || typeof host !== 'string' || !areTexts(roles))
    throw badToken(LACKS)
  if (!isRevision(urev)) throw badToken('it does not say which revision of its user it is of')
  if (scope !== undefined && typeof scope !== 'string') throw badToken('its scope is no text')
  return {
    name,
    roles,
    ...(scope !== undefined && { scopes: scope.split(' ') }),
    proof: {
      token,
      session,
      host,
      userRevision: urev,
      issuedAt: Number(issuedAt),
      expiresAt: Number(expiresAt)
    }
  }
}

const EXCHANGE_IT =
  'a personal token: exchange it at POST /api/session/token for an access token; the api alone takes it as it is'

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

/** What the header says is whatever somebody wrote; an empty id is that of no key. */
const idOf = (kid: unknown): string => (typeof kid === 'string' ? kid : '')

const badToken = (detail: string): AppError => new AppError('AUT_BAD_TOKEN', { detail })
