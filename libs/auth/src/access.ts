import type { Site } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import { isLoopback, notReady, ready, type ServicePart } from '@meridian/service'
import type { Logger } from 'pino'
import { openPrincipal, type Principal } from './principal.ts'
import { createRights, type Rights } from './rights.ts'
import type { AccessConfig } from './settings.ts'
import { createHearing, type Hearing } from './tokens/hearing.ts'
import { createPublicKeys, type PublicKeys } from './tokens/public-keys.ts'
import { createRevocations, type Revocations } from './tokens/revocations.ts'
import { CLOCK_SKEW_S } from './tokens/token-rules.ts'
import { createVerifier, type Verifier } from './tokens/verifier.ts'

/** The rights of a site, and for whom they are asked. */
export interface PrincipalRights {
  readonly rights: Rights
  readonly principal: Principal
}

/** Who may do what, and who somebody is: the same for every door and for the commanders. */
export interface Access {
  readonly mode: AccessConfig['AUTH_MODE']
  readonly rights: Rights
  /**
   * For whom a token speaks; in open mode, whatever it is, everybody is the same one. Rejects with AUT_NO_TOKEN,
   * AUT_BAD_TOKEN, AUT_EXPIRED, AUT_REVOKED, or with AUT_UNAVAILABLE while revocations cannot be heard of.
   */
  identify(token: string | undefined): Promise<Principal>
  /** Why somebody who was let in must go: AUT_REVOKED or AUT_EXPIRED; undefined while he may stay. */
  whyEnded(principal: Principal): AppError | undefined
  /** Seconds until whoever has shown no newer token must go; Infinity in open mode. */
  secondsLeft(principal: Principal): number
  /** Calls `listener` when something was revoked; returns how to stop. */
  onRevoked(listener: () => void): () => void
}

/** What follows keys and revocations while the service runs; comes first in its list of parts. None in open mode. */
export interface AccessPart extends ServicePart {
  /** The keys, for whoever signs; there once the part has started. */
  keys(): PublicKeys
}

/**
 * Access to a site, and the parts that it needs. Throws CFG_INVALID where the site lacks the role of open mode, and where
 * that mode would be open to other machines without having been meant.
 */
export function createAccess(
  config: AccessConfig & { readonly SITE: string; readonly HOST: string },
  site: Pick<Site, 'name' | 'roles'>,
  log: Logger
): { readonly access: Access; readonly parts: readonly AccessPart[] } {
  if (config.AUTH_MODE !== 'open') return tokenAccess(config, site)
  assertMeant(config)
  log.warn({ role: config.OPEN_ROLE }, 'open mode: nobody logs in')
  const { rights, principal } = openAccess(config, site)
  const access: Access = {
    ...{ mode: 'open', rights },
    identify: async () => principal,
    whyEnded: () => undefined,
    secondsLeft: () => Number.POSITIVE_INFINITY,
    onRevoked: () => () => {}
  }
  return { access, parts: [] }
}

function assertMeant({ HOST: host, OPEN_TO_ALL: isMeant }: AccessConfig & { readonly HOST: string }): void {
  if (isMeant || host === 'localhost' || isLoopback(host)) return
  const detail = `HOST ${host} may be reached from other machines, and in AUTH_MODE open nobody logs in: set AUTH_MODE, or OPEN_TO_ALL=true where that is meant`
  throw new AppError('CFG_INVALID', { detail })
}

/** What everybody may do in open mode. Throws CFG_INVALID where the site lacks the role. */
export function openAccess(
  { OPEN_ROLE: role }: Pick<AccessConfig, 'OPEN_ROLE'>,
  { name, roles }: Pick<Site, 'name' | 'roles'>
): PrincipalRights {
  if (!roles.has(role)) {
    const meant = didYouMean(role, roles.keys()) || `; there are ${[...roles.keys()].join(', ')}`
    throw new AppError('CFG_INVALID', { detail: `OPEN_ROLE: site ${name} has no role '${role}'${meant}` })
  }
  return { rights: createRights(roles), principal: openPrincipal(role) }
}

/** What there is between start and stop. */
interface StartedAccess {
  readonly keys: PublicKeys
  readonly revocations: Revocations
  readonly hearing: Hearing
  readonly verifier: Verifier
}

function tokenAccess(
  { SITE: siteName, AUTH_MODE: mode }: Pick<AccessConfig, 'AUTH_MODE'> & { readonly SITE: string },
  { roles }: Pick<Site, 'roles'>
) {
  let following: StartedAccess | undefined
  const listeners = new Set<() => void>()
  const running = (): StartedAccess => {
    if (following === undefined) throw new AppError('AUT_UNAVAILABLE', { detail: 'it has not started' })
    return following
  }
  const access: Access = {
    mode,
    rights: createRights(roles),
    async identify(token) {
      if (token === undefined) throw new AppError('AUT_NO_TOKEN')
      const { hearing, verifier } = running()
      const known = verifier.known(token)
      if (known !== undefined) return known
      hearing.assertHears()
      return verifier.verify(token)
    },
    whyEnded: principal => endOf(principal, following?.revocations),
    secondsLeft,
    onRevoked(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
  const part: AccessPart = {
    name: 'keys and revocations',
    async start({ broker, name, log, metrics }) {
      const options = { broker, name, log }
      const keys = createPublicKeys(options)
      const revocations = createRevocations(options)
      revocations.onRevoked(() => {
        for (const listener of listeners) listener()
      })
      await Promise.all([keys.start(), revocations.start()])
      const hearing = createHearing({ broker, log, revocations })
      metrics.read('meridian_auth_deaf_seconds', hearing.deafSeconds)
      const { find: findKey } = keys
      const whyEnded = (principal: Principal): AppError | undefined => endOf(principal, revocations)
      following = {
        keys,
        revocations,
        hearing,
        verifier: createVerifier({ site: siteName, findKey, whyEnded })
      }
    },
    async stop() {
      following?.hearing.stop()
      await Promise.all([following?.keys.stop(), following?.revocations.stop()])
    },
    readiness: () => {
      const deaf = following?.hearing.whyDeaf()
      return deaf === undefined ? ready : notReady(deaf)
    },
    keys: () => running().keys
  }
  return { access, parts: [part] }
}

/** A token is taken for so long after its end as clocks may differ. */
const secondsLeft = ({ proof }: Principal): number =>
  (proof?.expiresAt ?? Number.POSITIVE_INFINITY) + CLOCK_SKEW_S - Date.now() / 1000

function endOf(principal: Principal, revocations: Revocations | undefined): AppError | undefined {
  const why = revocations?.whyEnded(principal)
  if (why !== undefined) return new AppError('AUT_REVOKED', { detail: why })
  return secondsLeft(principal) < 0 ? new AppError('AUT_EXPIRED') : undefined
}
