import type {} from '@fastify/cookie'
import { CALLBACK_PATH, type OidcLogIn, PENDING_S, START_PATH, safeReturnPath } from '@meridian/auth/oidc'
import { AppError } from '@meridian/errors'
import { errorsOf, type LogInWayAnswer, logInWaySchema } from '@meridian/protocol/http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Accounts } from './accounts.ts'
import { SESSION_PATH, setCookies } from './cookies.ts'
import { clearRefusal, keepRefusal, takeRefusal } from './log-in-refusal.ts'
import { fromOf } from './who-asks.ts'

const OIDC_PATH = `${SESSION_PATH}/oidc`
const PENDING_COOKIE = 'meridian_log_in'

/** Lax: the provider sends the browser back from another site, and it must come with this cookie. */
const pendingOptions = ({ protocol }: FastifyRequest) =>
  ({ httpOnly: true, sameSite: 'lax', path: OIDC_PATH, secure: protocol === 'https' }) as const

const config = { isPublic: true } as const
const redirect = Type.Null({ description: 'the address is in the header `location`' })

/** Adds the routes by which a browser logs in through the OpenID provider. */
export function addOidcRoutes(app: FastifyInstance, accounts: () => Accounts): void {
  const oidcOf = (): OidcLogIn => {
    const { oidc } = accounts()
    if (oidc === undefined) throw new AppError('AUT_NO_PROVIDER')
    return oidc
  }
  addWayRoute(app, accounts)
  addBeginRoute(app, oidcOf)
  addCallbackRoute(app, oidcOf)
  addEndRoute(app, oidcOf)
}

function addWayRoute(app: FastifyInstance, accounts: () => Accounts): void {
  app.get(
    `${SESSION_PATH}/way`,
    {
      config,
      schema: {
        tags: ['sessions'],
        summary:
          'How one logs in here, by which a page knows what to show, and why the last log-in of this browser failed, once',
        response: { 200: logInWaySchema, ...errorsOf(404, 429, 503) }
      }
    },
    async (request, reply): Promise<LogInWayAnswer> => {
      const { oidc } = accounts()
      if (oidc === undefined) return { mode: 'local' }
      const refusal = takeRefusal(request, reply)
      return { mode: 'oidc', provider: oidc.title, ...(refusal && { refusal }) }
    }
  )
}

function addBeginRoute(app: FastifyInstance, oidcOf: () => OidcLogIn): void {
  app.get<{ Querystring: { return?: string } }>(
    OIDC_PATH,
    {
      config,
      schema: {
        tags: ['sessions'],
        summary: 'Log in through the OpenID provider: sends the browser there',
        querystring: Type.Object(
          { return: Type.Optional(Type.String({ description: 'page to come back to; default: /' })) },
          { additionalProperties: false }
        ),
        response: { 302: redirect, ...errorsOf(400, 404, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const oidc = oidcOf()
      try {
        const { address, text } = await oidc.begin(request.query.return ?? START_PATH, fromOf(request))
        void reply.setCookie(PENDING_COOKIE, text, { ...pendingOptions(request), maxAge: PENDING_S })
        clearRefusal(request, reply)
        return reply.redirect(address)
      } catch (caught) {
        return refuse(request, reply, { caught, page: safeReturnPath(request.query.return) })
      }
    }
  )
}

function addCallbackRoute(app: FastifyInstance, oidcOf: () => OidcLogIn): void {
  app.get(
    CALLBACK_PATH,
    {
      config,
      schema: {
        tags: ['sessions'],
        summary: 'Where the OpenID provider sends a browser back to: begins its session, with cookies',
        response: { 302: redirect, ...errorsOf(400, 403, 404, 409, 429, 502, 503, 504) }
      }
    },
    async (request, reply) => {
      const oidc = oidcOf()
      void reply.clearCookie(PENDING_COOKIE, pendingOptions(request))
      let page: string = START_PATH
      try {
        const pending = await oidc.pending(request.cookies[PENDING_COOKIE], fromOf(request))
        page = pending.page
        setCookies(request, reply, await oidc.finish(pending, queryOf(request), fromOf(request)))
        return reply.redirect(page)
      } catch (caught) {
        return refuse(request, reply, { caught, page })
      }
    }
  )
}

function addEndRoute(app: FastifyInstance, oidcOf: () => OidcLogIn): void {
  app.get(
    `${OIDC_PATH}/end`,
    {
      config,
      schema: {
        tags: ['sessions'],
        summary:
          'After a log-out: sends the browser where the session at the OpenID provider ends too, if that offers it',
        response: { 302: redirect, ...errorsOf(404, 429, 503) }
      }
    },
    async (_request, reply) => reply.redirect(await oidcOf().endSessionAddress())
  )
}

const queryOf = ({ url }: FastifyRequest): string => {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

/** A browser is shown the refusal by the page; everybody else gets it as from any route. */
function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { caught, page }: { readonly caught: unknown; readonly page: string }
): FastifyReply {
  const error = AppError.from(caught)
  const isBrowser = (request.headers.accept ?? '').includes('text/html')
  if (!isBrowser || error.code === 'GEN_INTERNAL') throw caught
  keepRefusal(request, reply, error.toWire())
  return reply.redirect(page)
}
