import { type Principal, tokenOfRequest } from '@meridian/auth'
import { endOf, type ListedSession, type LoggedIn } from '@meridian/auth/users'
import { AppError } from '@meridian/errors'
import {
  errorsOf,
  type LoggedInAnswer,
  type LogInBody,
  loggedInSchema,
  logInSchema,
  type RefreshBody,
  refreshSchema,
  SESSION_LIST_MOST,
  type SessionsAnswer,
  sessionsSchema
} from '@meridian/protocol/http'
import { taiSecondsOf } from '@meridian/time'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { AuthRoutes } from './auth-routes.ts'
import { clearCookies, REFRESH_COOKIE, SESSION_PATH, setCookies } from './cookies.ts'
import { actorOf, fromOf } from './who-asks.ts'

const isPublic = { isPublic: true } as const

/** Adds the routes by which one logs in and out, and sees who is logged in. */
export function addSessionRoutes(app: FastifyInstance, auth: AuthRoutes): void {
  addLogInRoute(app, auth)
  addRefreshRoute(app, auth)
  addLogOutRoute(app, auth)
  addListRoute(app, auth)
  addEndRoute(app, auth)
}

function addLogInRoute(app: FastifyInstance, { accounts }: AuthRoutes): void {
  app.post<{ Body: LogInBody }>(
    SESSION_PATH,
    {
      config: isPublic,
      schema: {
        tags: ['sessions'],
        summary: 'Log in; a browser gets cookies, a program that wants none a refresh token',
        body: logInSchema,
        response: { 200: loggedInSchema, ...errorsOf(400, 401, 403, 404, 413, 415, 429, 503) }
      }
    },
    async (request, reply) => {
      const { name, password, cookies = true } = request.body
      const done = await accounts().logIn.logIn(name, password, fromOf(request))
      if (cookies) {
        const { sessions } = accounts()
        const before = cookieOf(request)
        const replaced = before === undefined ? undefined : await sessions.sessionOf(before)
        await sessions.replace(replaced, { name: done.name, address: request.ip })
        setCookies(request, reply, done)
      }
      return answerOf(done, !cookies)
    }
  )
}

function addRefreshRoute(app: FastifyInstance, { accounts }: AuthRoutes): void {
  app.post<{ Body: RefreshBody }>(
    `${SESSION_PATH}/refresh`,
    {
      config: isPublic,
      preValidation: bodyMayBeMissing,
      schema: {
        tags: ['sessions'],
        summary: 'Go on with a session, by its cookie or by the refresh token in the body',
        body: refreshSchema,
        response: { 200: loggedInSchema, ...errorsOf(400, 401, 403, 404, 413, 415, 503, 504) }
      }
    },
    async (request, reply) => {
      const { refresh } = request.body
      try {
        const done = await accounts().sessions.refresh(refresh ?? cookieOf(request) ?? '', fromOf(request))
        if (refresh === undefined) setCookies(request, reply, done)
        return answerOf(done, refresh !== undefined)
      } catch (caught) {
        if (AppError.from(caught).code === 'AUT_SESSION_ENDED') clearCookies(request, reply)
        throw caught
      }
    }
  )
}

function addLogOutRoute(app: FastifyInstance, { access, accounts }: AuthRoutes): void {
  app.delete<{ Body: RefreshBody }>(
    SESSION_PATH,
    {
      config: isPublic,
      preValidation: bodyMayBeMissing,
      schema: {
        tags: ['sessions'],
        summary: 'Log out: the session and its tokens end; the answer is the same where there is none',
        body: refreshSchema,
        response: { 204: Type.Null(), ...errorsOf(400, 403, 404, 413, 415, 503, 504) }
      }
    },
    async (request, reply) => {
      const { sessions } = accounts()
      const refresh = request.body.refresh ?? cookieOf(request)
      const principal = await access.identify(tokenOfRequest(request)).catch(nobodyOf)
      const ofRefresh = refresh === undefined ? undefined : await sessions.sessionOf(refresh)
      const actor = { name: principal?.name ?? 'its owner', address: request.ip }
      // A program does not log out: whoever made its token revokes it.
      const own = principal?.scopes === undefined ? principal?.proof?.session : undefined
      for (const id of new Set([own, ofRefresh]))
        if (id !== undefined) await sessions.end(id, actor, 'log-out')
      clearCookies(request, reply)
      return reply.code(204).send()
    }
  )
}

/** Whoever shows no good token may log out all the same; where it cannot be judged, he is told so. */
function nobodyOf(caught: unknown): Principal | undefined {
  if (AppError.from(caught).entry.http === 401) return undefined
  throw caught
}

function addListRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.get(
    '/api/sessions',
    {
      schema: {
        tags: ['sessions'],
        summary: "One's own sessions; whoever may manage users gets those of all. A moment late",
        response: { 200: sessionsSchema, ...errorsOf(401, 404, 503) }
      }
    },
    async (request): Promise<SessionsAnswer> => {
      const { rights, principal } = rightsOf(request)
      const isManager = rights.mayManageUsers(principal)
      const seen = accounts()
        .sessions.list()
        .filter(({ user }) => isManager || user === principal.name)
        .sort((a, b) => b.usedAt - a.usedAt)
      return {
        sessions: seen.slice(0, SESSION_LIST_MOST).map(session => shown(session, principal)),
        complete: seen.length <= SESSION_LIST_MOST
      }
    }
  )
}

function addEndRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.delete<{ Params: { id: string } }>(
    '/api/sessions/:id',
    {
      schema: {
        tags: ['sessions'],
        summary: 'End a session and its tokens: one of the own, or any by whoever may manage users',
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'id of a session' }) }),
        response: { 204: Type.Null(), ...errorsOf(400, 401, 403, 404, 503, 504) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const asker = rightsOf(request)
      const session = await accounts().sessions.find(id)
      const isOwn = session?.user === asker.principal.name
      if (session === undefined || !(isOwn || asker.rights.mayManageUsers(asker.principal)))
        throw new AppError('AUT_UNKNOWN_SESSION', { detail: id })
      await accounts().sessions.end(id, actorOf(asker, request))
      return reply.code(204).send()
    }
  )
}

const cookieOf = ({ cookies }: FastifyRequest): string | undefined => cookies[REFRESH_COOKIE]

async function bodyMayBeMissing(request: FastifyRequest): Promise<void> {
  request.body ??= {}
}

const answerOf = (
  { name, roles, token, expiresAt, refresh }: LoggedIn,
  isProgram: boolean
): LoggedInAnswer => ({
  ...{ name, roles, token, expiresAt: taiSecondsOf(expiresAt * 1_000) },
  ...(isProgram && refresh !== undefined && { refresh })
})

const shown = (session: ListedSession, principal: Principal): SessionsAnswer['sessions'][number] => {
  const { id, user, address, userAgent, begunAt, usedAt } = session
  return {
    ...{ id, user, address, userAgent, isOwn: id === principal.proof?.session },
    begunAt: taiSecondsOf(begunAt),
    usedAt: taiSecondsOf(usedAt),
    endsAt: taiSecondsOf(endOf(session))
  }
}
