import cookie from '@fastify/cookie'
import { type Access, type PrincipalRights, tokenOfRequest } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { IdentifyBearer } from './auth/personal-token-bearer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, and what he may; set before the handler of each route that is not public. */
    principalRights: PrincipalRights | undefined
  }
  interface FastifyContextConfig {
    /** Whether anybody may ask, logged in or not. */
    readonly isPublic?: boolean
    /** Whether its answer goes to nobody whose token was revoked meanwhile; of GET always. */
    readonly isReading?: boolean
  }
}

/**
 * Who asks by a request, and what he may. Throws AUT_REVOKED or AUT_EXPIRED where his token has ended since the request began: its body may
 * have come much later.
 */
export type RightsOf = (request: FastifyRequest) => PrincipalRights

const API = '/api/'

/**
 * Finds out who asks, before anything of a request to the api is looked at; the console's files and public routes are for
 * everybody. Refuses with the codes of `Access.identify` and of `PersonalTokens.exchange`. What was read for somebody whose token was revoked
 * meanwhile is not sent to him.
 */
export async function identifyRequests(
  app: FastifyInstance,
  { rights, whyEnded, identify }: Pick<Access, 'rights' | 'whyEnded'> & { readonly identify: IdentifyBearer }
): Promise<RightsOf> {
  await app.register(cookie)
  app.decorateRequest('principalRights', undefined)
  app.addHook('onRequest', async request => {
    const { url = '', config } = request.routeOptions
    if (!url.startsWith(API) || config.isPublic === true) return
    request.principalRights = { rights, principal: await identify(tokenOfRequest(request), request.ip) }
  })
  app.addHook('preSerialization', async (request, { statusCode }, payload) => {
    const { method, principalRights, routeOptions } = request
    // What a request has done is told all the same: he may have ended his own token by it.
    const isReading = method === 'GET' || routeOptions.config.isReading === true
    const ended =
      isReading && statusCode < 300 ? principalRights && whyEnded(principalRights.principal) : undefined
    if (ended?.code === 'AUT_REVOKED') throw ended
    return payload
  })
  return ({ principalRights }) => {
    if (principalRights === undefined) throw new AppError('GEN_INTERNAL')
    const ended = whyEnded(principalRights.principal)
    if (ended !== undefined) throw ended
    return principalRights
  }
}
