import type { PrincipalRights } from '@meridian/auth'
import type { ListedToken, StoredSession } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'
import {
  type ExchangeBody,
  errorsOf,
  exchangeSchema,
  type LoggedInAnswer,
  loggedInSchema,
  type MadePersonalTokenAnswer,
  madePersonalTokenSchema,
  type NewPersonalTokenBody,
  newPersonalTokenSchema,
  PERSONAL_TOKEN_LIST_MOST,
  type PersonalTokenAnswer,
  type PersonalTokensAnswer,
  personalTokensSchema,
  type TokenScope
} from '@meridian/protocol/http'
import { taiSecondsOf } from '@meridian/time'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Accounts } from './accounts.ts'
import { announceGiving } from './announce-change.ts'
import type { AuthRoutes } from './auth-routes.ts'
import { SESSION_PATH } from './cookies.ts'
import { actorOf } from './who-asks.ts'

const PATH = '/api/tokens'

/** Adds the routes by which users make, see and end tokens for their programs, and by which those use them. */
export function addPersonalTokenRoutes(app: FastifyInstance, auth: AuthRoutes): void {
  addExchangeRoute(app, auth)
  addMakeRoute(app, auth)
  addListRoute(app, auth)
  addRevokeRoute(app, auth)
}

function addExchangeRoute(app: FastifyInstance, { accounts }: AuthRoutes): void {
  app.post<{ Body: ExchangeBody }>(
    `${SESSION_PATH}/token`,
    {
      config: { isPublic: true },
      schema: {
        tags: ['tokens'],
        summary: 'An access token for a personal token; the api takes the personal token as it is, too',
        body: exchangeSchema,
        response: { 200: loggedInSchema, ...errorsOf(400, 401, 403, 404, 413, 415, 503, 504) }
      }
    },
    async (request): Promise<LoggedInAnswer> => {
      const { name, roles, token, expiresAt } = await accounts().tokens.exchange(
        request.body.token,
        request.ip
      )
      return { name, roles, token, expiresAt: taiSecondsOf(expiresAt * 1_000) }
    }
  )
}

function addMakeRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.post<{ Body: NewPersonalTokenBody }>(
    PATH,
    {
      schema: {
        tags: ['tokens'],
        summary: 'Make a token for a program of one’s own; its text is in this answer alone',
        body: newPersonalTokenSchema,
        response: { 201: madePersonalTokenSchema, ...errorsOf(400, 401, 403, 404, 409, 413, 415, 503, 504) }
      }
    },
    async (request, reply): Promise<MadePersonalTokenAnswer> => {
      assertScopes(rightsOf(request), request.body.scopes)
      const actor = actorOf(rightsOf(request), request)
      // Before it is announced: what is refused over and over would fill the audit.
      accounts().tokens.admit(actor)
      await announceGiving(accounts(), actor, actor.name)
      const { generation } = await sessionOf(accounts(), rightsOf(request))
      const { text, token } = await accounts().tokens.make({ ...actor, generation }, request.body)
      void reply.code(201)
      return { token: text, personalToken: shown(token) }
    }
  )
}

function addListRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.get(
    PATH,
    {
      schema: {
        tags: ['tokens'],
        summary: "One's own tokens; whoever may manage users gets those of all. A moment late",
        response: { 200: personalTokensSchema, ...errorsOf(401, 403, 404, 503) }
      }
    },
    async (request): Promise<PersonalTokensAnswer> => {
      const { rights, principal } = rightsOf(request)
      const isManager = rights.mayManageUsers(principal)
      const seen = accounts()
        .tokens.list()
        .filter(({ user }) => isManager || user === principal.name)
        .sort((a, b) => b.madeAt - a.madeAt)
      return {
        tokens: seen.slice(0, PERSONAL_TOKEN_LIST_MOST).map(shown),
        complete: seen.length <= PERSONAL_TOKEN_LIST_MOST
      }
    }
  )
}

function addRevokeRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.delete<{ Params: { id: string } }>(
    `${PATH}/:id`,
    {
      schema: {
        tags: ['tokens'],
        summary: 'Revoke a token: one of the own, or any by whoever may manage users',
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'id of a personal token' }) }),
        response: { 204: Type.Null(), ...errorsOf(400, 401, 403, 404, 503, 504) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const asker = rightsOf(request)
      const { tokens } = accounts()
      const token = await tokens.find(id)
      const isOwn = token?.user === asker.principal.name
      if (token === undefined || !(isOwn || asker.rights.mayManageUsers(asker.principal)))
        throw new AppError('AUT_UNKNOWN_PERSONAL_TOKEN', { detail: id })
      await tokens.revoke(id, actorOf(asker, request))
      return reply.code(204).send()
    }
  )
}

/** Throws AUT_EMPTY_SCOPE, which names the roles that would do: nobody takes a token for one that may do something. */
function assertScopes({ rights, principal }: PrincipalRights, scopes: readonly TokenScope[]): void {
  const scope = scopes.find(one => !rights.hasAny(principal, one))
  if (scope === undefined) return
  const roles = rights.rolesWith(scope)
  const own = principal.roles.join(', ') || 'none'
  const detail = `'${scope}' of ${principal.name}, whose roles are ${own}; it needs ${roles.join(' or ')}`
  throw new AppError('AUT_EMPTY_SCOPE', { detail, scope, roles })
}

/** The session by which somebody asks, as the leader has it: what he makes ends as it does. Throws AUT_SESSION_ENDED. */
async function sessionOf({ sessions }: Accounts, { principal }: PrincipalRights): Promise<StoredSession> {
  const { proof } = principal
  const session = proof && (await sessions.find(proof.session))
  if (session === undefined) throw new AppError('AUT_SESSION_ENDED')
  return session
}

const shown = ({ id, user, name, scopes, ...token }: ListedToken): PersonalTokenAnswer => ({
  ...{ id, user, name, scopes },
  madeAt: taiSecondsOf(token.madeAt),
  expiresAt: taiSecondsOf(token.expiresAt),
  ...(token.waitsForLogIn && { waitsForLogIn: true }),
  ...(token.usedAt > 0 && { usedAt: taiSecondsOf(token.usedAt), usedFrom: token.usedFrom })
})
