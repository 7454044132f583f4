import type { Server } from 'node:http'
import type { Broker } from '@meridian/broker'
import { AppError, type Code } from '@meridian/errors'
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerBrokenRequest, answerExpectation, endWithError, notOneHost } from './broken-request.ts'
import { isBeforeBody } from './early-answer.ts'
import { isHealthRequest } from './health-routes.ts'
import type { HostCheck } from './host-check.ts'
import {
  addErrorHandler,
  appErrorOf,
  collectMethods,
  refuseCodedBodies,
  sendError,
  sendNotFound
} from './http-errors.ts'
import { addSecurityHeaders, securityHeaders } from './security-headers.ts'
import type { ProcessContext, ServicePart } from './service-part.ts'

// The door is shut -> open -> closing -> closed. It is made shut and its server already listens, for the
// probes; `start`, after all other parts, opens it; `stop` begins to close it: new requests are refused,
// requests in progress and the routes' `preClose` hooks are awaited; then the server is
// closed. In every state but `open` a request is answered 503 with a code, the probes are answered as ever.
type State = 'shut' | 'open' | 'closing' | 'closed'

/** What routes can use. They are added before the broker is connected, so `broker` is a function. */
export interface DoorContext extends ProcessContext {
  /** Throws BRK_UNAVAILABLE while the connection is lost. */
  readonly broker: () => Broker
}

/** Adds routes and plugins to a door's server. */
export type AddRoutes = (app: FastifyInstance, context: DoorContext) => void | Promise<void>

/** Options of a door; all have defaults. */
export interface HttpDoorOptions {
  /** Fastify options that override the defaults of every door. */
  readonly server?: FastifyHttpOptions<Server>
  /**
   * Answers a request that no route matches; where it returns undefined, the answer is 404 or 405 with a
   * code.
   */
  readonly fallback?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined
  /** Address that lists the routes for people, named where a request asks for one that does not exist. */
  readonly listedAt?: string
  /**
   * Codes of the refusals while the door is shut and while it closes; default: NET_NOT_READY, NET_STOPPING.
   */
  readonly refusals?: { readonly shut: Code; readonly closing: Code }
}

/** The HTTP door of a service: a part whose server is made and listens before all parts start. */
export interface HttpDoor extends ServicePart {
  readonly server: FastifyHttpOptions<Server>
  /** Adds the door, which answers to the hosts of `isOurs`, to a server that does not listen yet. */
  addTo(app: FastifyInstance, context: DoorContext, isOurs: HostCheck): void
}

/** Limits on the time in which a client sends a request, ms; Node looks at them once a second. */
export const REQUEST_LIMITS = {
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000
} as const

/** Options of Node for every server of ours; a request without a Host is refused by us, in words. */
export const SERVER_OPTIONS = { ...REQUEST_LIMITS, requireHostHeader: false } as const

/**
 * Makes the HTTP door of a service from its routes. It shares one server and port with the probes and opens
 * once all parts before it have started, so it comes last in the list. It answers to its own host names alone
 * (HOSTS), the probes to any. Errors are answered with their codes. A service has at most one door.
 */
export function httpDoor(addRoutes: AddRoutes, options: HttpDoorOptions = {}): HttpDoor {
  const { fallback, listedAt, refusals = { shut: 'NET_NOT_READY', closing: 'NET_STOPPING' } } = options
  let state: State = 'shut'
  let server: FastifyInstance | undefined

  const refusalOf = (request: FastifyRequest, isOurs: HostCheck): AppError | undefined => {
    if (isHealthRequest(request)) return isUpgrade(request) ? noUpgrade() : undefined
    const refusal = notOneHost(request.raw) ?? strangerOf(request, isOurs)
    if (refusal !== undefined || state === 'open') return refusal
    return new AppError(state === 'shut' ? refusals.shut : refusals.closing)
  }

  return {
    name: 'the HTTP door',
    server: serverOf(options.server),
    addTo(app, context, isOurs) {
      server = app
      addErrorHandler(app, context.log)
      refuseCodedBodies(app)
      // Fastify reads plain text as a body by itself; a route that wants it adds its own parser.
      app.removeContentTypeParser('text/plain')
      const methods = collectMethods(app)
      addSecurityHeaders(app)
      app.server.on('checkExpectation', answerExpectation)
      app.addHook('onRequest', (request, _reply, done) => done(refusalOf(request, isOurs)))
      endConnections(app, () => state !== 'open' && state !== 'shut')
      void app.register(async routes => {
        await addRoutes(routes, context)
        routes.setNotFoundHandler(
          (request, reply) =>
            fallback?.(request, reply) ?? sendNotFound(request, reply, { methods, listedAt })
        )
      })
    },
    start() {
      if (state === 'shut') state = 'open'
    },
    async stop() {
      if (state !== 'closed') state = 'closing'
      await server?.close()
      state = 'closed'
    }
  }
}

/** Whether a part is the door. */
export const isHttpDoor = (part: ServicePart): part is HttpDoor => 'addTo' in part

/** Node exchanges the limits of a request and of its headers where the headers may take longer: it sets both. */
function serverOf(own: FastifyHttpOptions<Server> = {}): FastifyHttpOptions<Server> {
  const { requestTimeout = REQUEST_LIMITS.requestTimeout } = own
  return { ...commonServer, ...own, requestTimeout, http: { ...SERVER_OPTIONS, requestTimeout } }
}

const commonServer: FastifyHttpOptions<Server> = {
  forceCloseConnections: 'idle',
  frameworkErrors: (caught, request, reply) => {
    const err = appErrorOf(caught)
    // No hook runs for an address that cannot be read: nothing else would end the connection of an upgrade.
    if (isUpgrade(request)) endWithError(request.raw.socket, err)
    else void sendError(reply.headers(securityHeaders), err.toWire())
  },
  clientErrorHandler: answerBrokenRequest
}

/**
 * Closes connections after their response: while the door closes, because a kept-alive connection would delay
 * the stop; after a refused upgrade, because nothing else closes it.
 */
function endConnections(app: FastifyInstance, isClosing: () => boolean): void {
  app.addHook('onSend', async (request, reply) => {
    if (isBeforeBody(request.raw, reply.raw, isClosing())) void reply.header('connection', 'keep-alive')
    else if (isClosing() || isUpgrade(request)) void reply.header('connection', 'close')
  })
  app.addHook('onResponse', async request => {
    if (isUpgrade(request)) request.raw.socket.destroySoon()
  })
}

/**
 * The host that a request names, and the one that a trusted proxy says it named; a page can write the second
 * where the browser itself runs on a trusted address, so both count.
 */
const hostsOf = ({ headers, host }: FastifyRequest): readonly (string | undefined)[] => [headers.host, host]

function strangerOf(request: FastifyRequest, isOurs: HostCheck): AppError | undefined {
  const stranger = hostsOf(request).find(host => !isOurs(host))
  return stranger === undefined ? undefined : badHost(stranger)
}

/** The error of a request to a host that is none of ours. */
export const badHost = (host: string): AppError =>
  new AppError('NET_BAD_HOST', {
    detail: `'${host.slice(0, 120)}'; expected: localhost, the name of this machine, or one of the setting HOSTS`
  })

const noUpgrade = (): AppError =>
  new AppError('NET_BAD_REQUEST', { detail: 'this address takes no upgrade; expected: a plain GET' })

/** Whether Node has handed the connection over for an upgrade and no longer closes it itself. */
const isUpgrade = ({ raw }: FastifyRequest): boolean => (raw as { upgrade?: boolean }).upgrade === true
