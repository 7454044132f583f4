import type {} from '@fastify/cookie'
import { CALLBACK_PATH, type OidcLogIn, PENDING_S, START_PATH, safeReturnPath } from '@meridian/auth/oidc'
import { AppError } from '@meridian/errors'
import { errorsOf, type LogInWayAnswer, logInWaySchema } from '@meridian/protocol/http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Accounts } from './accounts.ts'
import { REFRESH_COOKIE, SESSION_PATH, setCookies } from './cookies.ts'
import { clearRefusal, keepRefusal, takeRefusal } from './log-in-refusal.ts'
import { fromOf } from './who-asks.ts'

const OIDC_PATH = `${SESSION_PATH}/oidc`
const PENDING_COOKIE = 'meridian_log_in'

/** Over HTTPS no other host of the same domain, and nothing that came in the clear, can have set it [RFC 6265bis, 4.1.3.2]. */
const pendingNameOf = ({ protocol }: FastifyRequest): string =>
  protocol === 'https' ? `__Host-${PENDING_COOKIE}` : PENDING_COOKIE

/** Lax: the provider sends the browser back from another site, and it must come with this cookie. `__Host-` goes with the path `/`. */
const pendingOptions = ({ protocol }: FastifyRequest) => {
  const isSecure = protocol === 'https'
  return { httpOnly: true, sameSite: 'lax', path: isSecure ? '/' : OIDC_PATH, secure: isSecure } as const
}

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
      const { site, oidc } = accounts()
      if (oidc === undefined) return { site, mode: 'local' }
      const refusal = takeRefusal(request, reply)
      return { site, mode: 'oidc', provider: oidc.title, ...(refusal && { refusal }) }
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
        // Here the browser comes from our own page, and with its cookies; the callback is asked for from another site.
        const { [REFRESH_COOKIE]: refresh } = request.cookies
        const page = request.query.return ?? START_PATH
        const { address, text } = await oidc.begin(page, fromOf(request), refresh)
        void reply.setCookie(pendingNameOf(request), text, { ...pendingOptions(request), maxAge: PENDING_S })
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
      const clearPending = () => reply.clearCookie(pendingNameOf(request), pendingOptions(request))
      let page: string = START_PATH
      try {
        const pending = await oidc.pending(request.cookies[pendingNameOf(request)], fromOf(request))
        page = pending.page
        setCookies(request, reply, await oidc.finish(pending, queryOf(request), fromOf(request)))
        void clearPending()
        return reply.redirect(page)
      } catch (caught) {
        // Any page can send a browser here with a state that it makes up: what this browser has begun goes on.
        if (AppError.from(caught).code !== 'AUT_LOG_IN_LOST') void clearPending()
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
