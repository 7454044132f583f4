import { AppError } from '@meridian/errors'
import { errors } from 'jose'

/** Why somebody is refused, by the claim or header that is not as it should be. */
const BY_CLAIM: Readonly<Record<string, string>> = {
  typ: 'it is a token of another kind',
  iss: 'it is of another site',
  aud: 'it is for another site',
  nbf: 'it is not valid yet'
}

const BY_CODE: Readonly<Record<string, string>> = {
  [errors.JWSInvalid.code]: 'it does not read as a signed token',
  [errors.JWTInvalid.code]: 'it does not read as a signed token',
  [errors.JOSEAlgNotAllowed.code]: 'it is signed in another way than those of this site',
  [errors.JWSSignatureVerificationFailed.code]: 'its signature is not of the key that it names'
}

/** Detail of a token without a claim that all of this site have. */
export const LACKS = 'it lacks what a token of this site has'

/**
 * A failure of the library in our words, which people read: AUT_EXPIRED, and AUT_BAD_TOKEN for all else. The library's own are kept as the cause, for
 * the log.
 */
export function tokenErrorOf(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof errors.JWTExpired) return new AppError('AUT_EXPIRED', { cause: error })
  return new AppError('AUT_BAD_TOKEN', { cause: error, detail: detailOf(error) })
}

function detailOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === 'missing' ? LACKS : (BY_CLAIM[error.claim] ?? LACKS)
  const known = error instanceof errors.JOSEError ? BY_CODE[error.code] : undefined
  return known ?? 'it does not read as an access token'
}
