import { AppError, type Code, type CodeEntry, codes, type WireError } from '@meridian/errors'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { cameAs } from './bad-request.ts'

/**
 * Sends an error as every HTTP door does: `{"error": …}` with the status of its code, and `Retry-After` in
 * seconds where the error names a time (fact `retryAfterSeconds`) or what is asked is unavailable or too slow
 * for the moment (503, 504: one second).
 */
export function sendError(reply: FastifyReply, error: WireError): FastifyReply {
  const status = statusOf(error)
  const isPassing = (status === 503 || status === 504) && error.canRetry
  const seconds = error.facts?.['retryAfterSeconds'] ?? (isPassing ? 1 : undefined)
  if (typeof seconds === 'number') void reply.header('retry-after', Math.ceil(seconds))
  return reply.code(status).header('cache-control', 'no-store').send({ error })
}

function statusOf({ code }: WireError): number {
  const table: Readonly<Record<string, CodeEntry>> = codes
  return Object.hasOwn(codes, code) ? (table[code]?.http ?? 500) : 500
}

/**
 * Answers errors of routes and hooks with their code; an unexpected error is logged and answered as
 * GEN_INTERNAL.
 */
export function addErrorHandler(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((caught: FastifyError, request, reply) => {
    const { routeOptions, headers } = request
    const error = appErrorOf(caught, {
      limitBytes: routeOptions.bodyLimit,
      contentType: headers['content-type']
    })
    if (error.code === 'GEN_INTERNAL') log.error({ err: caught, url: request.url }, 'request failed')
    return sendError(reply, error.toWire())
  })
}

/** Refuses bodies that come compressed, with NET_BAD_TYPE: they would be read as if they were not. */
export function refuseCodedBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async ({ method, headers }) => {
    const { 'content-encoding': coding } = headers
    if (method === 'GET' || method === 'HEAD' || coding === undefined || coding === 'identity') return
    throw new AppError('NET_BAD_TYPE', { detail: `'content-encoding' ${cameAs(coding)}; expected: none` })
  })
}

/** Records the methods of every route that is added from now on, for `sendNotFound`. */
export function collectMethods(app: FastifyInstance): Methods {
  const methods = new Map<RegExp, string[]>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replace(/:[A-Za-z]+/g, '[^/]+')}$`)
    methods.set(pattern, [method].flat())
  })
  return methods
}

/** Allowed methods by the pattern of the path. */
export type Methods = ReadonlyMap<RegExp, readonly string[]>

/** What exists at a door: allowed methods by path, and the address that lists it for people, if there is one. */
export interface Addresses {
  readonly methods: Methods
  readonly listedAt?: string | undefined
}

/** Answers a request that no route matches: NET_NO_ROUTE, or NET_BAD_METHOD with an `Allow` header. */
export function sendNotFound(
  request: FastifyRequest,
  reply: FastifyReply,
  addresses: Addresses
): FastifyReply {
  const error = notFoundError(request, addresses)
  const { allowed } = error.facts
  if (Array.isArray(allowed)) void reply.header('allow', allowed.join(', '))
  return sendError(reply, error.toWire())
}

/** What a request was allowed to send, and what it said that it sends. */
interface BodyFacts {
  readonly limitBytes?: number | undefined
  readonly contentType?: string | undefined
}

/** The coded error of what Fastify, a route or the broker threw. */
export function appErrorOf(
  caught: FastifyError | Error,
  { limitBytes, contentType }: BodyFacts = {}
): AppError {
  if (caught instanceof AppError) return caught
  const { code, statusCode } = caught as FastifyError
  const detail = caught.message.slice(0, 200)
  const known = NET_CODES[code]
  if (known === 'NET_TOO_LARGE')
    return new AppError(known, { detail: `at most ${limitBytes} bytes are taken`, limitBytes })
  if (known === 'NET_BAD_TYPE')
    return new AppError(known, {
      detail: `'content-type' ${cameAs(contentType)}; expected: application/json`
    })
  if (known !== undefined) return new AppError(known, { detail })
  if (code === 'FST_STATIC_FORBIDDEN_PATH')
    return new AppError('NET_NO_ROUTE', { detail: 'its path has an empty segment, or one of dots' })
  if (caught instanceof SyntaxError) return new AppError('NET_BAD_JSON', { detail })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AppError('NET_BAD_REQUEST', { detail })
  return AppError.from(caught)
}

const NET_CODES: Readonly<Record<string, Code>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'NET_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'NET_BAD_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'NET_BAD_JSON',
  FST_ERR_CTP_INVALID_JSON_BODY: 'NET_BAD_JSON'
}

function notFoundError({ method, url }: FastifyRequest, { methods, listedAt }: Addresses): AppError {
  const path = url.split('?')[0] ?? ''
  const allowed = [...methods].filter(([pattern]) => pattern.test(path)).flatMap(([, taken]) => taken)
  const detail = `${method} ${path.slice(0, 120)}`
  if (allowed.length === 0) {
    if (listedAt === undefined) return new AppError('NET_NO_ROUTE', { detail })
    return new AppError('NET_NO_ROUTE', { detail: `${detail}; ${listedAt} lists those that exist`, listedAt })
  }
  const methodsOf = [...new Set(allowed)]
  return new AppError('NET_BAD_METHOD', {
    detail: `${detail}; expected: ${methodsOf.join(', ')}`,
    allowed: methodsOf
  })
}
