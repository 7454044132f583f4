import type { Principal } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import { addressGroupOf, createKeyedRates, createLimitLog, isLoopback, type Metrics } from '@meridian/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'

/** Limits on requests to the api; the console's files are not counted. Refuses with NET_TOO_MANY_REQUESTS. */
export interface RequestLimits {
  /** By where a request comes from; added before anything is looked up for it. */
  limitAddresses(app: FastifyInstance): void
  /** By who asks; added behind what finds that out. */
  limitPrincipals(app: FastifyInstance): void
}

/** Where refusals are counted and told. */
interface Told {
  readonly metrics: Metrics
  readonly log: Logger
}

/** Seconds of requests that may come at once: the screens of a control room load their pages together. */
const BURST_SECONDS = 10

/**
 * Makes the limits of one api. Not by a counter of a fixed window, as @fastify/rate-limit has it: one that is full would
 * stay shut to its end, and two bursts would fit around that.
 */
export function createRequestLimits(
  {
    MAX_REQUESTS_PER_PRINCIPAL: perPrincipal,
    MAX_REQUESTS_PER_ADDRESS: perAddress
  }: Pick<ApiConfig, 'MAX_REQUESTS_PER_PRINCIPAL' | 'MAX_REQUESTS_PER_ADDRESS'>,
  { metrics, log }: Told
): RequestLimits {
  const limited = metrics.counter('meridian_api_limited_total')
  const onLimited = createLimitLog(log)

  function limit(
    app: FastifyInstance,
    by: 'principal' | 'address',
    perSecond: number,
    keyOf: (request: FastifyRequest) => string | undefined
  ): void {
    if (perSecond === 0) return
    const rates = createKeyedRates({ perSecond, burstSeconds: BURST_SECONDS })
    app.addHook('onRequest', async request => {
      if (request.routeOptions.url?.startsWith('/api/') !== true) return
      const key = keyOf(request)
      const waitMs = key === undefined ? undefined : rates.take(key)
      if (key === undefined || waitMs === undefined) return
      limited.inc({ by })
      const error = tooMany(by, perSecond, waitMs)
      onLimited(error.code, by, key)
      throw error
    })
  }

  return {
    limitAddresses: app => limit(app, 'address', perAddress, ({ ip }) => keyOfAddress(ip)),
    limitPrincipals: app =>
      limit(app, 'principal', perPrincipal, ({ principalRights }) =>
        keyOfPrincipal(principalRights?.principal)
      )
  }
}

/** A loopback address is that of the machine itself, or of a proxy that TRUSTED_PROXIES should name. */
const keyOfAddress = (ip: string): string | undefined => (isLoopback(ip) ? undefined : addressGroupOf(ip))

/** In open mode nobody is one of his own. A program that runs wild does not take its user's own requests. */
function keyOfPrincipal(principal: Principal | undefined): string | undefined {
  if (principal?.proof === undefined) return undefined
  const { name, scopes, proof } = principal
  return scopes === undefined ? name : `${name} by token ${proof.session}`
}

function tooMany(by: 'principal' | 'address', perSecond: number, waitMs: number): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const detail = `${perSecond} per second by ${by}`
  return new AppError('NET_TOO_MANY_REQUESTS', { detail, by, perSecond, retryAfterSeconds })
}
