import type { createSigner, Revoker } from '@meridian/auth'
import {
  createOidcLogIn,
  createPendingLogIns,
  createProvider,
  createProviderUsers,
  type OidcLogIn,
  type OidcOptions,
  type Provider
} from '@meridian/auth/oidc'
import type { Audit, AuditBudget, Sessions } from '@meridian/auth/users'
import type { Broker } from '@meridian/broker'
import type { Site } from '@meridian/catalogue'
import type { Metrics } from '@meridian/service'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'

/** What logs people in through a provider. */
export interface OidcParts {
  readonly logIn: OidcLogIn
  readonly provider: Provider
}

/** What the log-in is made from; sessions are those of everybody. */
interface StartOptions {
  readonly options: OidcOptions
  readonly broker: Broker
  readonly site: Site
  readonly keys: Parameters<typeof createPendingLogIns>[0]['keys']
  readonly signer: ReturnType<typeof createSigner>
  readonly revoker: Revoker
  readonly sessions: Sessions
  readonly clock: Clock
  readonly budget: AuditBudget
  readonly audit: Audit
  readonly log: Logger
  readonly metrics: Metrics
}

/** Begins to ask the provider, without waiting for it: whoever is logged in is served while it is away. */
export function startOidc(start: StartOptions): OidcParts {
  const { options, broker, site, keys, signer, revoker, sessions, clock, budget, audit, log, metrics } = start
  const provider = createProvider(options, log)
  metrics.read('meridian_api_provider_answers', () => Number(provider.whyAway() === undefined))
  metrics.read('meridian_api_provider_failures_total', provider.failures)
  provider.start()
  const pendingLogIns = createPendingLogIns({ site: site.name, signer, keys })
  const users = createProviderUsers({ broker, siteRoles: site.roles, revoker, clock, audit })
  return {
    provider,
    logIn: createOidcLogIn({ options, provider, pendingLogIns, users, sessions, budget, audit, log })
  }
}
