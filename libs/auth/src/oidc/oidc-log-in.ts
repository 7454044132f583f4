import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import { addressGroupOf } from '@meridian/service'
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo
} from 'openid-client'
import type { Logger } from 'pino'
import type { AuditBudget } from '../users/audit-budget.ts'
import type { Audit } from '../users/auth-event.ts'
import type { LoggedIn } from '../users/issue-token.ts'
import type { From } from '../users/session-record.ts'
import type { Sessions } from '../users/sessions.ts'
import type { OidcOptions } from './oidc-settings.ts'
import type { PendingLogIn, PendingLogIns } from './pending-log-in.ts'
import { type Claims, nameIn, noRoleError, personOf } from './person.ts'
import type { Provider } from './provider.ts'
import type { ProviderUsers } from './provider-users.ts'
import { parseReturnPath, START_PATH } from './return-path.ts'

/** Log-in through the provider: authorization code with PKCE [OpenID Connect Core 1.0, 3.1; RFC 7636]. */
export interface OidcLogIn {
  /** What people call the provider. */
  readonly title: string
  /**
   * Begins a log-in: where to send the browser, and the text that it keeps meanwhile. `page` is shown afterwards, and the session of
   * which it has the refresh token `refresh` ends then. Throws AUT_BAD_RETURN, AUT_PROVIDER_AWAY, and what a Bucket throws.
   */
  begin(
    page: string,
    from: From,
    refresh?: string
  ): Promise<{ readonly address: string; readonly text: string }>
  /** What a browser has begun. Throws as `PendingLogIns.read`. */
  pending(text: string | undefined, from: From): Promise<PendingLogIn>
  /**
   * Finishes it with the query that the provider sent the browser back with, and begins a session. Throws AUT_LOG_IN_LOST,
   * AUT_PROVIDER_REFUSED, AUT_PROVIDER_AWAY, AUT_BAD_CODE, AUT_BAD_PROVIDER, AUT_BUSY, AUT_TOO_OFTEN, AUT_NO_ROLE, and as `personOf`, `ProviderUsers` and
   * `Sessions.begin`.
   */
  finish(pending: PendingLogIn, query: string, from: From): Promise<LoggedIn>
  /** Where the session at the provider is ended; the start page where it offers nothing of that kind, or is away. */
  endSessionAddress(): Promise<string>
}

/** What a log-in is made from. */
export interface OidcLogInOptions {
  readonly options: OidcOptions
  readonly provider: Provider
  readonly pendingLogIns: PendingLogIns
  readonly users: ProviderUsers
  readonly sessions: Pick<Sessions, 'begin' | 'sessionOf' | 'replace'>
  readonly budget: AuditBudget
  readonly audit: Audit
  readonly log: Logger
}

/** Callbacks that ask the provider at a time: whoever begins log-ins can make us ask. */
const TURNS = { atOnce: 8, maxWaiting: 32, refusal: () => new AppError('AUT_BUSY', { retryAfterSeconds: 2 }) }

/** Log-ins through the provider, from the first redirect to the session. */
export function createOidcLogIn(parts: OidcLogInOptions): OidcLogIn {
  const { options, provider, pendingLogIns, users, sessions, budget, audit, log } = parts
  const { redirectUrl, scope, sessionMs } = options
  const turns = createSemaphore(TURNS)

  async function begun(configuration: Configuration, page: string, replaces: string | undefined) {
    const { pending, text } = await pendingLogIns.begin(page, replaces)
    const address = buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirectUrl.href, scope, state: pending.state, nonce: pending.nonce },
      code_challenge: await calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256'
    })
    return { address: address.href, text }
  }

  async function finished(pending: PendingLogIn, query: string, from: From, known: Known): Promise<LoggedIn> {
    if (new URLSearchParams(query).get('state') !== pending.state) throw new AppError('AUT_LOG_IN_LOST')
    const claims = await turns.run(
      () => provider.run(configuration => claimsAt(configuration, options, { pending, query })),
      { asker: ['', addressGroupOf(from.address)] }
    )
    known.name = nameIn(claims, options)
    const person = personOf(claims, options)
    // First of all: whoever has lost his last group must not go on with what he had.
    if (person.roles.length === 0) {
      await users.leave(person, from.address)
      throw noRoleError(person, claims, options)
    }
    budget.take(`${person.issuer} ${person.subject}`)
    const { name, user } = await users.enter(person, from.address)
    known.name = name
    return sessions.begin(name, user, { ...from, mostMs: sessionMs })
  }

  /** Runs a step, and tells of a refusal. */
  async function told<T>({ address }: From, step: (known: Known) => Promise<T>): Promise<T> {
    const known: Known = { name: undefined }
    try {
      return await step(known)
    } catch (caught) {
      const { code, detail } = AppError.from(caught)
      if (code === 'AUT_BAD_PROVIDER' || code === 'AUT_PROVIDER_NEW_KEY')
        log.warn({ reason: detail }, 'an answer of the OpenID provider is not taken')
      const { name } = known
      audit({ what: 'log-in-refused', code, address, ...(name !== undefined && { name }) })
      throw caught
    }
  }

  return {
    title: options.title,
    begin: (text, from, refresh) =>
      told(from, async () => {
        const page = parseReturnPath(text)
        const replaces = refresh === undefined ? undefined : await sessions.sessionOf(refresh)
        await provider.ask()
        return provider.run(configuration => begun(configuration, page, replaces))
      }),
    pending: (text, from) => told(from, () => pendingLogIns.read(text)),
    finish: (pending, query, from) =>
      told(from, async known => {
        const done = await finished(pending, query, from, known)
        audit({ what: 'log-in', name: done.name, address: from.address })
        await sessions.replace(pending.replaces, { name: done.name, address: from.address })
        return done
      }),
    endSessionAddress: () =>
      provider.run(configuration => endSessionOf(configuration, redirectUrl)).catch(() => START_PATH)
  }
}

/** The name that a log-in is for, once it is known. */
interface Known {
  name: string | undefined
}

/** What the provider says of whoever comes back from it with this query. */
async function claimsAt(
  configuration: Configuration,
  options: OidcOptions,
  { pending, query }: { readonly pending: PendingLogIn; readonly query: string }
): Promise<Claims> {
  const back = new URL(options.redirectUrl)
  back.search = query
  const tokens = await authorizationCodeGrant(configuration, back, {
    ...{ expectedState: pending.state, expectedNonce: pending.nonce, pkceCodeVerifier: pending.verifier },
    idTokenExpected: true
  })
  const claims = tokens.claims() ?? {}
  return completed(configuration, { claims, accessToken: tokens.access_token }, options)
}

/** The claims of the ID token, and those of the userinfo endpoint where it lacks what is asked for. */
async function completed(
  configuration: Configuration,
  { claims, accessToken }: { readonly claims: Claims; readonly accessToken: string },
  { nameClaim, rolesClaim }: OidcOptions
): Promise<Claims> {
  const isComplete = claims[nameClaim] !== undefined && claims[rolesClaim] !== undefined
  if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims
  return { ...(await fetchUserInfo(configuration, accessToken, String(claims['sub']))), ...claims }
}

function endSessionOf(configuration: Configuration, redirectUrl: URL): string {
  if (configuration.serverMetadata().end_session_endpoint === undefined) return START_PATH
  const after = new URL(START_PATH, redirectUrl)
  return buildEndSessionUrl(configuration, { post_logout_redirect_uri: after.href }).href
}
