import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, type CodeEntry, codes } from '@meridian/errors'
import {
  badHost,
  HEALTH_PATHS,
  type HostCheck,
  isBeforeBody,
  notOneHost,
  securityHeaders
} from '@meridian/service'
import { pathOf } from './routes.ts'

/** Probes, metrics and versions of the services are for those who run them, not for whoever reaches the front. */
export function refusalOf(request: IncomingMessage, isOurs: HostCheck): AppError | undefined {
  const { method, url = '/', headers } = request
  const unclear = notOneHost(request)
  if (unclear !== undefined) return unclear
  if (!isOurs(headers.host)) return badHost(headers.host ?? '')
  const path = pathOf(url)
  if (!HEALTH_PATHS.has(path)) return undefined
  return new AppError('NET_NO_ROUTE', {
    detail: `${method} ${path}; each service answers it on its own port`
  })
}

/** A connection to a service behind that was lost before its answer. */
export const lost = (cause: unknown): AppError => new AppError('NET_CONNECTION_LOST', { cause })

/** Why a request is not served. */
export interface Refusal {
  readonly error: AppError
  /** What somebody reads in a browser; undefined: a program asks. */
  readonly page: string | undefined
}

/** Answers with the status of the code, in words or in JSON; where an answer has begun, it is cut off. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  { error, page }: Refusal
): void {
  if (response.headersSent) return void response.destroy()
  const { http: status = 500 }: CodeEntry = codes[error.code]
  if (isBeforeBody(request, response)) response.setHeader('connection', 'keep-alive')
  if (status === 503) response.setHeader('retry-after', '1')
  response
    .writeHead(status, {
      ...securityHeaders,
      'content-type': `${page === undefined ? 'application/json' : 'text/html'}; charset=utf-8`,
      'cache-control': 'no-store'
    })
    .end(page ?? JSON.stringify({ error: error.toWire() }))
}
