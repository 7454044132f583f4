import type { StoredUser } from '../users/user.ts'
import type { OidcOptions } from './oidc-settings.ts'

/** Whether sessions of a user go on: in each mode those of users whom it could log in; `options` are undefined in mode local. */
export const hasSessions = ({ provider }: StoredUser, options: OidcOptions | undefined): boolean =>
  (provider === undefined) === (options === undefined)

/**
 * Whether his personal tokens are good at a time, UTC ms: of a user of the provider only for some time after he has logged in, since nobody
 * else asks the provider whether it still knows him, and in which groups he is.
 */
export function hasTokens(user: StoredUser, options: OidcOptions | undefined, now: number): boolean {
  const { loggedInAt = 0 } = user.provider ?? {}
  return hasSessions(user, options) && (options === undefined || now < loggedInAt + options.tokensMs)
}
