import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Audit } from '../users/auth-event.ts'
import { type IssueOptions, issueToken, type LoggedIn } from '../users/issue-token.ts'
import { isHashOf } from '../users/secrets.ts'
import type { StoredToken } from './stored-token.ts'
import type { TokenStore } from './token-store.ts'
import { type PersonalToken, parsePersonalToken } from './token-text.ts'

/** What personal tokens are exchanged with. */
export interface ExchangeParts extends IssueOptions {
  readonly store: Pick<TokenStore, 'read' | 'noteUse'>
  readonly clock: Pick<Clock, 'nowMs'>
  /** Whether tokens of a user are good again once he has logged in. */
  readonly waits: (user: string) => boolean
  readonly audit: Audit
}

const NOT_WHOLE =
  'a personal token has 54 letters and digits, and the last six of this one are not those of the others'
const ended = (detail?: string): AppError =>
  new AppError('AUT_TOKEN_ENDED', { ...(detail !== undefined && { detail }) })
const WAITS = 'its user has not logged in for too long, and it is good again once he has'

/** How a personal token becomes an access token: as `PersonalTokens.exchange` says. */
export function createExchange(parts: ExchangeParts): (text: string, address: string) => Promise<LoggedIn> {
  const { store, clock, waits, audit } = parts

  async function issued(id: string, token: StoredToken, address: string): Promise<LoggedIn> {
    const { user, generation, scopes, expiresAt } = token
    if (expiresAt <= clock.nowMs()) throw ended()
    const narrowed = { scopes, notAfter: expiresAt / 1_000 }
    const done = await issueToken(parts, id, { user, generation, address, ...narrowed })
    if (done === undefined) throw ended(waits(user) ? WAITS : undefined)
    return done
  }

  async function proved({ id, secret }: PersonalToken) {
    const stored = await store.read(id)
    if (stored === undefined || !isHashOf(stored.value.secretHash, secret)) throw ended()
    return stored
  }

  return async (text, address) => {
    let known: { readonly name: string; readonly session: string; readonly token: string } | undefined
    try {
      const shown = parsePersonalToken(text)
      if (shown === undefined) throw new AppError('AUT_BAD_TOKEN', { detail: NOT_WHOLE })
      const stored = await proved(shown)
      const { user: name, name: token } = stored.value
      known = { name, session: shown.id, token }
      const done = await issued(shown.id, stored.value, address)
      await store.noteUse(shown.id, stored, { at: clock.nowMs(), from: address })
      audit({ what: 'token-used', ...known, address })
      return done
    } catch (caught) {
      audit({ what: 'token-refused', ...known, code: AppError.from(caught).code, address })
      throw caught
    }
  }
}
