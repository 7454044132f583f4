import type {} from '@fastify/cookie'
import { codes, type WireError } from '@meridian/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { SESSION_PATH } from './cookies.ts'

// A log-in through a provider fails while the browser is between pages: the refusal goes with it, for the page to show.

const COOKIE = 'meridian_log_in_refusal'
const KEPT_S = 300
/** Browsers keep 4 KiB of a cookie. */
const MOST_LENGTH = 3_000
const MOST_MESSAGE = 1_000

const optionsOf = ({ protocol }: FastifyRequest) =>
  ({ httpOnly: true, sameSite: 'lax', path: SESSION_PATH, secure: protocol === 'https' }) as const

/** Gives a refusal to a browser that is sent on. */
export function keepRefusal(request: FastifyRequest, reply: FastifyReply, error: WireError): void {
  const { code, message, canRetry, facts } = error
  const wait = facts?.['retryAfterSeconds']
  const kept: WireError = {
    ...{ code, message: message.slice(0, MOST_MESSAGE), canRetry },
    ...(typeof wait === 'number' && { facts: { retryAfterSeconds: wait } })
  }
  const value = Buffer.from(JSON.stringify(kept)).toString('base64url')
  void reply.setCookie(COOKIE, value, { ...optionsOf(request), maxAge: KEPT_S })
}

/** The refusal that a browser brings, which is forgotten with that; undefined where there is none that is ours. */
export function takeRefusal(request: FastifyRequest, reply: FastifyReply): WireError | undefined {
  const { [COOKIE]: value } = request.cookies
  if (value === undefined) return undefined
  clearRefusal(request, reply)
  return value.length > MOST_LENGTH ? undefined : parseRefusal(Buffer.from(value, 'base64url').toString())
}

/** Removes the cookie of the last refusal, once a page was told of it. */
export function clearRefusal(request: FastifyRequest, reply: FastifyReply): void {
  if (request.cookies[COOKIE] !== undefined) void reply.clearCookie(COOKIE, optionsOf(request))
}

function parseRefusal(text: string): WireError | undefined {
  try {
    const { code, message, canRetry, facts } = JSON.parse(text) as WireError
    if (!Object.hasOwn(codes, code) || typeof message !== 'string' || !message.startsWith(`${code}: `))
      return undefined
    const wait = facts?.['retryAfterSeconds']
    return {
      ...{ code, message: message.slice(0, MOST_MESSAGE), canRetry: canRetry === true },
      ...(typeof wait === 'number' && { facts: { retryAfterSeconds: wait } })
    }
  } catch {
    return undefined
  }
}
