import { AppError, briefly, cutText } from '@meridian/errors'
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'

/** Seconds after which whoever wants to log in may try again while the provider is away. */
const RETRY_AFTER_S = 10

/** The library asks for the provider's keys once in so many seconds at most. */
const KEYS_AGAIN_S = 60

/** How the library says that the provider's keys as it holds them have none that a token names. */
const KEY_SELECTION_FAILED = 'OAUTH_KEY_SELECTION_FAILED'

/** AUT_PROVIDER_AWAY, with when to try again. */
export const providerAway = (cause?: unknown): AppError =>
  new AppError('AUT_PROVIDER_AWAY', { cause, retryAfterSeconds: RETRY_AFTER_S })

/**
 * What the provider or the library says, by our codes: AUT_PROVIDER_AWAY where it does not answer, AUT_PROVIDER_REFUSED where it has not
 * logged in the person, AUT_BAD_CODE where it does not know the code any more, AUT_PROVIDER_NEW_KEY where it signs with a key that is not known here yet, AUT_BAD_PROVIDER for everything that must not be trusted. No cause
 * is kept but of the first: the library's hold answers with tokens.
 */
export function providerErrorOf(caught: unknown): AppError {
  if (caught instanceof AppError) return caught
  if (isAway(caught)) return providerAway(new Error(wordsOf(caught)))
  if (caught instanceof AuthorizationResponseError)
    return new AppError('AUT_PROVIDER_REFUSED', { detail: briefly(caught.error) })
  if (caught instanceof ResponseBodyError && caught.error === 'invalid_grant')
    return new AppError('AUT_BAD_CODE')
  if (caught instanceof ClientError && caught.code === KEY_SELECTION_FAILED)
    return new AppError('AUT_PROVIDER_NEW_KEY', { retryAfterSeconds: KEYS_AGAIN_S })
  return new AppError('AUT_BAD_PROVIDER', { detail: wordsOf(caught) })
}

/** Whether a request of our own failed: what stands in a redirect is written by whoever sends the browser, and says nothing of the provider. */
export const isOwnFailure = (caught: unknown): boolean =>
  isAway(caught) && !(caught instanceof AuthorizationResponseError)

/** Errors of a redirect that a provider sends while it cannot serve. */
const PASSING: readonly string[] = ['temporarily_unavailable', 'server_error']

function isAway(caught: unknown): boolean {
  if (caught instanceof AuthorizationResponseError) return PASSING.includes(caught.error)
  if (caught instanceof ResponseBodyError) return caught.status >= 500
  if (caught instanceof ClientError)
    return caught.code === 'OAUTH_TIMEOUT' || (caught.cause instanceof Response && caught.cause.status >= 500)
  return caught instanceof TypeError && caught.message === 'fetch failed'
}

/** What went wrong, in the library's words: its messages name claims and headers, never their values. */
function wordsOf(caught: unknown): string {
  if (caught instanceof ResponseBodyError) return cutText(`error ${briefly(caught.error)}`)
  if (!(caught instanceof Error)) return 'unknown'
  return cutText(`${caught.message}${innerWordsOf(caught)}`)
}

function innerWordsOf({ message, cause }: Error): string {
  if (cause instanceof Response) return ` ${cause.status}`
  return cause instanceof Error && cause.message !== message ? `: ${cause.message}` : ''
}
