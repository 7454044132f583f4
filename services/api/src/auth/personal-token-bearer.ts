import { type Access, isPersonalToken, type Principal } from '@meridian/auth'
import { hashOf, type LoggedIn } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'

/** Takes a personal token for an access token; throws as `PersonalTokens.exchange`. */
type Exchange = (text: string, address: string) => Promise<LoggedIn>

/** For whom a token of either kind speaks, shown from an address. */
export type IdentifyBearer = (token: string | undefined, address: string) => Promise<Principal>

/** Pairs of a personal token and an address that are remembered; the one taken longest ago is forgotten first. */
const REMEMBERED = 1_000
/** An access token that ends sooner is followed by another: what it is sent on with must reach its end. */
const LEAST_LEFT_S = 60

/**
 * Takes access tokens as `Access` does, and personal tokens as well: each is exchanged at the first request and then every
 * four minutes, and when its access token was ended. So roles that changed hold from the next request, and what is sent on to a
 * commander is an access token, never the personal one.
 */
export function takePersonalTokens(
  access: Pick<Access, 'mode' | 'identify' | 'secondsLeft'>,
  exchange: Exchange
): IdentifyBearer {
  /** By the hash of the personal token: nothing here can be used again. */
  const exchanged = new Map<string, Promise<string>>()

  function exchangeAnew(key: string, text: string, address: string): Promise<string> {
    const token = exchange(text, address).then(done => done.token)
    exchanged.delete(key)
    exchanged.set(key, token)
    token.catch(() => exchanged.get(key) === token && exchanged.delete(key))
    if (exchanged.size > REMEMBERED) exchanged.delete(exchanged.keys().next().value as string)
    return token
  }

  /** By what was exchanged before; undefined where that is at its end. */
  async function identifyKnown(known: Promise<string>): Promise<Principal | undefined> {
    try {
      const principal = await access.identify(await known)
      return access.secondsLeft(principal) > LEAST_LEFT_S ? principal : undefined
    } catch (caught) {
      if (ENDED.has(AppError.from(caught).code)) return undefined
      throw caught
    }
  }

  return async (token, address) => {
    if (token === undefined || access.mode === 'open' || !isPersonalToken(token))
      return access.identify(token)
    const key = `${hashOf(token)} ${address}`
    const known = exchanged.get(key)
    const principal = known && (await identifyKnown(known))
    if (principal !== undefined) return principal
    // Another request may have exchanged it meanwhile.
    const current = exchanged.get(key)
    const isNew = current !== undefined && current !== known
    return access.identify(await (isNew ? current : exchangeAnew(key, token, address)))
  }
}

const ENDED: ReadonlySet<string> = new Set(['AUT_REVOKED', 'AUT_EXPIRED'])
