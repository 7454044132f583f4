import type { Access, Principal } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import { type LiveEventsQueryTexts, liveEventsQuerySchema } from '@meridian/protocol/http'
import { encodeControl, retryEventOf } from '@meridian/protocol/live'
import { isAllowedOrigin } from '@meridian/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { assertOrigin } from './allowed-origin.ts'
import type { AcceptPace } from './balance/accept-pace.ts'
import { type Admission, createAdmission } from './balance/admission.ts'
import type { ConnectedClient } from './connection.ts'
import type { ConnectionShares } from './connection-shares.ts'
import { parseEventQuery } from './event-query.ts'
import { type EventStream, type EventsOpening, RETRY_MS } from './event-stream.ts'
import type { Sessions } from './sessions.ts'

/** What the route asks before it answers, and what it makes of an answer. */
export interface EventsRouteOptions {
  /** Origins of pages that may read besides that of the gateway's own host. */
  readonly allowedOrigins: readonly string[]
  readonly access: Pick<Access, 'whyEnded'>
  readonly maxConnections: number
  readonly shares: Pick<ConnectionShares, 'refusalOf'>
  readonly pace: AcceptPace
  /** Throws where the request does not speak for anybody. */
  readonly authenticate: (request: FastifyRequest) => Promise<Principal>
  readonly sessions: Sessions
  readonly open: (opening: EventsOpening) => EventStream
  /** Called with the code of each refused request. */
  readonly onRefused: (code: string) => void
}

/** When a browser that there was no room for shall be back: after so many ms, and as many more by lot. */
const BACK_MS = { least: 1_000, more: 9_000 } as const

/** Neither stored nor rewritten nor held back on the way; the last one is for nginx. */
const EVENT_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no'
} as const

/**
 * Adds `GET /live/events`: what a WebSocket client subscribes to, as Server-Sent Events [docs/protocol.md]. Checks, in
 * this order: connection, origin, principal, query, room. A refusal has its status and code; but an EventSource gives up for
 * good at any status but 200, so it is told what passes by itself as an event, and comes back.
 */
export function addEventsRoute(app: FastifyInstance, options: EventsRouteOptions): void {
  const { allowedOrigins, authenticate, open, onRefused } = options
  const admit = createAdmission({ ...options, canTell: () => false })
  app.route<{ Querystring: LiveEventsQueryTexts }>({
    method: 'GET',
    url: '/live/events',
    exposeHeadRoute: false,
    schema: { querystring: liveEventsQuerySchema },
    onRequest: async (request, reply) => {
      assertOwnConnection(reply)
      assertOrigin(request, allowedOrigins)
      request.principal = await authenticate(request)
    },
    handler: async (request, reply) => {
      const query = parseEventQuery(request.query, lastEventIdOf(request))
      const headers = headersFor(request, allowedOrigins)
      const onBegin = (): void => begin(reply, headers)
      const response = reply.raw
      const { principal, ip: address } = request
      if (principal === undefined) throw new AppError('GEN_INTERNAL')
      await admitted(admit, request, { principal, address })
      // Who left while he waited has no connection any more that could end.
      const { socket } = response
      if (response.destroyed || socket === null) return reply.hijack()
      await open({ response, socket, query, principal, address, onBegin }).start()
      // The client went away before there was anything to send.
      if (!reply.sent) void reply.hijack()
    },
    errorHandler: (caught, request, reply) => {
      const err = AppError.from(caught)
      onRefused(err.code)
      if (!err.entry.canRetry || !isEventSource(request)) throw caught
      const retryMs = err.code === 'GTW_DRAINING' ? RETRY_MS : BACK_MS.least + Math.random() * BACK_MS.more
      const refused = Buffer.from(encodeControl('events', { op: 'error', error: err.toWire() })).toString()
      return reply
        .headers(headersFor(request, allowedOrigins))
        .header('retry-after', Math.ceil(retryMs / 1000))
        .send(retryEventOf(Math.round(retryMs)) + refused)
    }
  })
}

/**
 * A request that stands behind another one of its connection [RFC 9112, 9.3.2] has no socket before that is
 * answered, and Node tells of the end of a response that has one alone. Behind events it never would get one.
 */
function assertOwnConnection(reply: FastifyReply): void {
  if (reply.raw.socket !== null) return
  void reply.header('connection', 'close')
  const detail = 'the connection has another answer first; expected: a request for events that waits for none'
  throw new AppError('NET_BAD_REQUEST', { detail })
}

/** Resolves when there is room for one more; nothing may come between that and the new connection. */
function admitted(admit: Admission, { raw }: FastifyRequest, client: ConnectedClient): Promise<void> {
  return new Promise((resolve, reject) =>
    admit(raw, client, verdict => (verdict.kind === 'welcome' ? resolve() : reject(verdict.error)))
  )
}

/** From here on the answer belongs to the stream. */
function begin(reply: FastifyReply, headers: Record<string, string>): void {
  void reply.hijack()
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...headers }))
    if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.writeHead(200)
}

/** A page of a listed origin may read what it gets. */
function headersFor(request: FastifyRequest, allowed: readonly string[]): Record<string, string> {
  const { origin } = request.headers
  if (origin === undefined || !isAllowedOrigin(request, allowed)) return EVENT_HEADERS
  return {
    ...EVENT_HEADERS,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin'
  }
}

const isEventSource = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.includes('text/event-stream') === true

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id']
  return Array.isArray(id) ? id[0] : id
}
