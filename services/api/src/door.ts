import type { Socket } from 'node:net'
import type { Broker } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { type Metrics, VERSION } from '@meridian/service'
import { systemClock } from '@meridian/time'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import type { Logger } from 'pino'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCommandRoutes } from './command-routes.ts'
import type { ApiConfig } from './config.ts'
import { addConsoleFiles, hasConsole, isPageRequest, sendPage } from './console-files.ts'
import { addDescription } from './describe-api.ts'
import { addHistoryRoutes } from './history-routes.ts'
import { addSecurityHeaders } from './security-headers.ts'
import {
  addErrorHandler,
  appErrorOf,
  collectMethods,
  MAX_BODY_BYTES,
  sendError,
  sendNotFound
} from './wire-errors.ts'

/** What the HTTP server is made of. */
export interface DoorOptions {
  readonly config: ApiConfig
  readonly log: Logger
  readonly metrics: Metrics
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly stopping: AbortSignal
}

const HISTORY_BYTES = 536_870_912

/** Makes the HTTP server with all its routes; it does not listen yet. */
export function createDoor({ config, log, metrics, broker, stopping }: DoorOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 15_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    // What a client sends is taken as it is or refused: nothing is turned into another type or left out.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
    frameworkErrors: (caught, _request, reply) => void sendError(reply, appErrorOf(caught).toWire()),
    clientErrorHandler: answerBrokenRequest
  })
  app.setSerializerCompiler(() => data => JSON.stringify(data))
  measureRequests(app, metrics)
  addSecurityHeaders(app)
  hangUpAtTheEnd(app, stopping)
  addErrorHandler(app, log)
  const methods = collectMethods(app)
  const addRoutes: FastifyPluginAsync = async routes => {
    const observatory = loadObservatory(config)
    const { catalogue } = observatory
    const site = config.SITE
    if (observatory.site.file === undefined) log.warn({ site }, 'no site file: no instances are listed')
    await addDescription(routes, VERSION)
    addCommandRoutes(routes, {
      broker,
      site,
      answerMs: config.COMMAND_MS,
      stopping,
      onBadRecord(err, subject) {
        metrics.counter('meridian_api_bad_records_total').inc()
        log.debug({ code: err.code, subject: subject.slice(0, 120) }, 'message in the record is no record')
      }
    })
    addCatalogueRoutes(routes, observatory)
    addHistoryRoutes(routes, {
      broker,
      site,
      catalogue,
      clock: systemClock,
      limits: { maxMessages: config.HISTORY_MESSAGES, maxBytes: HISTORY_BYTES, timeoutMs: config.HISTORY_MS },
      atATime: config.HISTORY_AT_A_TIME,
      stopping,
      onRead: messages => metrics.counter('meridian_api_history_messages_total').inc(messages)
    })
    await addConsoleFiles(routes, config.CONSOLE_DIR, log)
    routes.setNotFoundHandler((request, reply) =>
      hasConsole(config.CONSOLE_DIR) && isPageRequest(request)
        ? sendPage(reply)
        : sendNotFound(request, reply, methods)
    )
  }
  void app.register(addRoutes)
  return app
}

/** A connection that would be kept for more requests would hold up the end of the process. */
function hangUpAtTheEnd(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) void reply.header('connection', 'close')
  })
}

function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('meridian_api_request_seconds')
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    seconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}

/** A request that is not HTTP: answered in the same form as everything else, then hung up. */
function answerBrokenRequest(err: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || err.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const body = JSON.stringify({ error: new AppError('NET_BAD_REQUEST', { detail: 'not HTTP' }).toWire() })
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
  )
}
