import type {} from '@fastify/cookie'
import { ACCESS_COOKIE } from '@meridian/auth'
import { type LoggedIn, SESSION_LIMITS } from '@meridian/auth/users'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The cookie by which a browser continues its session; it goes to the routes of the session alone. */
export const REFRESH_COOKIE = 'meridian_refresh'

/** Where one logs in and out, and below it refreshes: the only routes that the refresh cookie goes to. */
export const SESSION_PATH = '/api/session'

/** Neither scripts nor pages of others can use them; over HTTPS they go over nothing else. */
const optionsOf = ({ protocol }: FastifyRequest, path: string) =>
  ({ httpOnly: true, sameSite: 'strict', path, secure: protocol === 'https' }) as const

/** Gives the tokens to a browser. */
export function setCookies(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, expiresAt, refresh }: LoggedIn
): void {
  const seconds = Math.max(0, Math.floor(expiresAt - Date.now() / 1_000))
  void reply.setCookie(ACCESS_COOKIE, token, { ...optionsOf(request, '/'), maxAge: seconds })
  if (refresh === undefined) return
  const maxAge = SESSION_LIMITS.idleMs / 1_000
  void reply.setCookie(REFRESH_COOKIE, refresh, { ...optionsOf(request, SESSION_PATH), maxAge })
}

/** Makes the browser forget the cookies of a session. */
export function clearCookies(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(ACCESS_COOKIE, optionsOf(request, '/'))
  void reply.clearCookie(REFRESH_COOKIE, optionsOf(request, SESSION_PATH))
}
