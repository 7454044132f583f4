import { isPersonalToken, tokenOfRequest } from '@meridian/auth'
import type { AuditPart } from '@meridian/auth/audit'
import { AppError } from '@meridian/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Tells the audit of each request that is refused for the rights of its user or for its access token. */
export function addAuditOfRefusals(app: FastifyInstance, audit: Pick<AuditPart, 'tellRefused'>): void {
  app.addHook('onError', async (request, _reply, caught) => {
    const err = AppError.from(caught)
    const { principalRights, ip: address } = request
    // What is wrong with a personal token is told where it is exchanged.
    if (principalRights === undefined && hasPersonalToken(request)) return
    const name = principalRights?.principal.name
    audit.tellRefused(err, { name, address, ...aboutOf(err, request) })
  })
}

function hasPersonalToken(request: FastifyRequest): boolean {
  const token = tokenOfRequest(request)
  return token !== undefined && isPersonalToken(token)
}

/** What was asked for, where the refusal does not name it: a route without its query. */
const aboutOf = ({ code }: AppError, { url }: FastifyRequest) =>
  OF_ROUTES.has(code) ? { about: url.split('?')[0] } : {}

const OF_ROUTES: ReadonlySet<string> = new Set(['AUT_NOT_MANAGER', 'AUT_NOT_FOR_TOKENS'])
