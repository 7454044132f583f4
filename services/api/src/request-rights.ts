import cookie from '@fastify/cookie'
import { type PrincipalRights, type Rights, tokenOfRequest } from '@meridian/auth'
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
  }
}

/** Who asks by a request, and what he may. */
export type RightsOf = (request: FastifyRequest) => PrincipalRights

const API = '/api/'

/**
 * Finds out who asks, before anything of a request to the api is looked at; the console's files and public routes are for
 * everybody. Refuses with the codes of `Access.identify` and of `PersonalTokens.exchange`.
 */
export async function identifyRequests(
  app: FastifyInstance,
  { rights, identify }: { readonly rights: Rights; readonly identify: IdentifyBearer }
): Promise<RightsOf> {
  await app.register(cookie)
  app.decorateRequest('principalRights', undefined)
  app.addHook('onRequest', async request => {
    const { url = '', config } = request.routeOptions
    if (!url.startsWith(API) || config.isPublic === true) return
    request.principalRights = { rights, principal: await identify(tokenOfRequest(request), request.ip) }
  })
  return ({ principalRights }) => {
    if (principalRights === undefined) throw new AppError('GEN_INTERNAL')
    return principalRights
  }
}
