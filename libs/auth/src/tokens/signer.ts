import { type Broker, openBucket } from '@meridian/broker'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { ulid } from 'ulid'
import type { PublicKey, PublicKeys } from './public-keys.ts'
import { ALGORITHM, issuerOf, TOKEN_LIFE_S, TOKEN_TYPE } from './token-rules.ts'
import type { OwnClaims } from './verifier.ts'

/** What an access token says of whoever shows it, as it was when the token was made. */
export interface SignedFor {
  readonly name: string
  readonly roles: readonly string[]
  /** Revision of the user's record that the roles were read from. */
  readonly userRevision: number
  /** Id of the session. */
  readonly session: string
  /** Address that was logged in from. */
  readonly host: string
  /** What a personal token was made for; absent: all that the roles allow. */
  readonly scopes?: readonly string[]
  /** Not later than this it ends, UTC seconds; default: as long as any access token lives. */
  readonly notAfter?: number
}

/** A new access token, and until when it is good: UTC seconds. */
export interface SignedToken {
  readonly token: string
  readonly expiresAt: number
}

/** Makes access tokens, signed with the key of this process. */
export interface TokenSigner {
  /** Throws as `Bucket` where the public key cannot be written: nobody could verify the token. */
  sign(claims: SignedFor): Promise<SignedToken>
  /** Signs what is no access token, under a `typ` of its own, for so many seconds; throws as `sign`. */
  signOther(type: string, claims: object, lifeSeconds: number): Promise<string>
}

/** Where a signer writes its public keys, and what it knows of them. */
export interface SignerOptions {
  readonly broker: Broker
  readonly site: string
  readonly keys: Pick<PublicKeys, 'has'>
  /** Seconds that a token is good for; default: five minutes. */
  readonly lifeSeconds?: number
  /** Ms after which another key signs; default: twelve hours. */
  readonly newKeyEveryMs?: number
}

interface OwnKey {
  readonly id: string
  readonly secret: CryptoKey
  readonly published: PublicKey
  readonly madeMs: number
}

/** Within half the life of an entry in the bucket, so that a key outlives its last token there. */
const NEW_KEY_EVERY_MS = 12 * 3_600_000

/**
 * A signer with a key of its own, which never leaves this process: there is no secret to hand out. Its public half
 * stands in the bucket before the first token that needs it, is written again where the bucket was lost, and is
 * followed by another after twelve hours; the old one serves until the tokens that it signed have ended.
 */
export function createSigner({
  broker,
  site,
  keys,
  lifeSeconds = TOKEN_LIFE_S,
  newKeyEveryMs = NEW_KEY_EVERY_MS
}: SignerOptions): TokenSigner {
  const bucket = openBucket<PublicKey>(broker, 'auth_keys')
  let own: Promise<OwnKey> | undefined
  const current = async (): Promise<OwnKey> => {
    const key = await own
    if (key !== undefined && performance.now() - key.madeMs < newKeyEveryMs) return key
    own = makeKey()
    return own
  }
  const published = async (): Promise<OwnKey> => {
    const key = await current()
    if (!keys.has(key.id)) await bucket.put(key.id, key.published)
    return key
  }
  return {
    async sign({ name, notAfter = Number.POSITIVE_INFINITY, ...signed }) {
      const { id, secret } = await published()
      const now = Date.now() / 1000
      const expiresAt = Math.floor(Math.min(now + lifeSeconds, notAfter))
      const token = await new SignJWT({ ...claimsOf(signed) })
        .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: TOKEN_TYPE })
        .setSubject(name)
        .setIssuer(issuerOf(site))
        .setAudience(issuerOf(site))
        .setIssuedAt(now)
        .setExpirationTime(expiresAt)
        .sign(secret)
      return { token, expiresAt }
    },
    async signOther(type, claims, seconds) {
      const { id, secret } = await published()
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: type })
        .setIssuer(issuerOf(site))
        .setAudience(issuerOf(site))
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(secret)
    }
  }
}

const claimsOf = ({
  roles,
  userRevision,
  session,
  host,
  scopes
}: Omit<SignedFor, 'name' | 'notAfter'>): OwnClaims => ({
  ...{ roles, urev: userRevision, sid: session, host },
  ...(scopes && { scope: scopes.join(' ') })
})

async function makeKey(): Promise<OwnKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  const { x = '' } = await exportJWK(publicKey)
  return { id: ulid().toLowerCase(), secret: privateKey, published: { x }, madeMs: performance.now() }
}
