import type { Principal } from '@meridian/auth'
import { errorsOf } from '@meridian/protocol/http'
import { addressKeyOf, createLimitLog, limitRequests, type Metrics, type OnLimited } from '@meridian/service'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'

/** Limits on requests to the api; the console's files are not counted. */
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

const API = '/api/'

/** Makes the limits of one api. */
export function createRequestLimits(
  {
    MAX_REQUESTS_PER_PRINCIPAL: perPrincipal,
    MAX_REQUESTS_PER_ADDRESS: perAddress
  }: Pick<ApiConfig, 'MAX_REQUESTS_PER_PRINCIPAL' | 'MAX_REQUESTS_PER_ADDRESS'>,
  { metrics, log }: Told
): RequestLimits {
  const limited = metrics.counter('meridian_api_limited_total')
  const tell = createLimitLog(log)
  const onLimited: OnLimited = (code, by, name) => {
    limited.inc({ by })
    tell(code, by, name)
  }
  const ofApi =
    (keyOf: (request: FastifyRequest) => string | undefined) =>
    (request: FastifyRequest): string | undefined =>
      request.routeOptions.url?.startsWith(API) === true ? keyOf(request) : undefined
  return {
    limitAddresses(app) {
      app.addHook('onRoute', describeRefusal)
      limitRequests(app, {
        ...{ by: 'address', perSecond: perAddress, onLimited },
        keyOf: ofApi(({ ip }) => addressKeyOf(ip))
      })
    },
    limitPrincipals: app =>
      limitRequests(app, {
        ...{ by: 'principal', perSecond: perPrincipal, onLimited },
        keyOf: ofApi(({ principalRights }) => keyOfPrincipal(principalRights?.principal))
      })
  }
}

/** Every route of the api may answer 429: so says its description. */
function describeRefusal({ url, schema }: RouteOptions): void {
  const response = schema?.response
  if (url.startsWith(API) && typeof response === 'object' && response !== null)
    Object.assign(response, errorsOf(429))
}

/** In open mode nobody is one of his own. A program that runs wild does not take its user's own requests. */
function keyOfPrincipal(principal: Principal | undefined): string | undefined {
  if (principal?.proof === undefined) return undefined
  const { name, scopes, proof } = principal
  return scopes === undefined ? name : `${name} by token ${proof.session}`
}
