import { AppError } from '@meridian/errors'
import { jwtVerify } from 'jose'
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client'
import type { PublicKeys } from '../tokens/public-keys.ts'
import type { TokenSigner } from '../tokens/signer.ts'
import { ALGORITHM, CLOCK_SKEW_S, issuerOf, MOST_TOKEN_LENGTH } from '../tokens/token-rules.ts'

/** A log-in that a browser has begun, and that any api may finish. */
export interface PendingLogIn {
  /** What the provider gives back, and puts into its token, so that no other log-in is taken for this one. */
  readonly state: string
  readonly nonce: string
  /** By which the provider knows that whoever shows the code has begun the log-in. */
  readonly verifier: string
  /** Page to be shown afterwards, as `parseReturnPath` gives it. */
  readonly page: string
  /** Id of the session that the browser had when it began: the new one takes its place. */
  readonly replaces?: string
}

/** Seconds that somebody may take to log in at the provider. */
export const PENDING_S = 600

/** The `typ` of the header: it is no access token. */
const PENDING_TYPE = 'li+jwt'

/** What begun log-ins are written and read with. */
export interface PendingLogInsOptions {
  readonly site: string
  readonly signer: Pick<TokenSigner, 'signOther'>
  readonly keys: Pick<PublicKeys, 'find'>
}

/** Keeps begun log-ins at the browsers, signed by the key of the api that began them: nothing is stored for somebody who is not logged in. */
export interface PendingLogIns {
  /** A new one, and its text. Throws as `TokenSigner.sign`. */
  begin(page: string, replaces?: string): Promise<{ readonly pending: PendingLogIn; readonly text: string }>
  /** Throws AUT_LOG_IN_LOST where it is none, or ten minutes old; AUT_UNAVAILABLE where that cannot be known. */
  read(text: string | undefined): Promise<PendingLogIn>
}

/** Log-ins that were begun and not ended, each signed and kept by its browser. */
export function createPendingLogIns({ site, signer, keys }: PendingLogInsOptions): PendingLogIns {
  const rules = {
    ...{ algorithms: [ALGORITHM], typ: PENDING_TYPE, clockTolerance: CLOCK_SKEW_S },
    ...{ issuer: issuerOf(site), audience: issuerOf(site), requiredClaims: ['exp'] }
  }
  return {
    async begin(page, replaces) {
      const pending = {
        ...(replaces !== undefined && { replaces }),
        ...{ page, state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      }
      return { pending, text: await signer.signOther(PENDING_TYPE, pending, PENDING_S) }
    },
    async read(text) {
      if (text === undefined || text.length > MOST_TOKEN_LENGTH) throw new AppError('AUT_LOG_IN_LOST')
      try {
        const { payload } = await jwtVerify<PendingLogIn>(
          text,
          ({ kid = '' }) => keys.find(String(kid)),
          rules
        )
        const { state, nonce, verifier, page, replaces } = payload
        return { state, nonce, verifier, page, ...(replaces !== undefined && { replaces }) }
      } catch (caught) {
        if (AppError.from(caught).code === 'AUT_UNAVAILABLE') throw caught
        throw new AppError('AUT_LOG_IN_LOST')
      }
    }
  }
}
