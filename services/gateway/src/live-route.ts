import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import websocket from '@fastify/websocket'
import type { Access, Principal } from '@meridian/auth'
import { AppError, briefly } from '@meridian/errors'
import { type Codec, SUBPROTOCOLS } from '@meridian/protocol/live'
import { endWithError } from '@meridian/service'
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify'
import type { WebSocket } from 'ws'
import { assertOrigin } from './allowed-origin.ts'
import type { AcceptPace } from './balance/accept-pace.ts'
import { type Admission, createAdmission, type Verdict } from './balance/admission.ts'
import { createTurnAway, type TurnAway } from './balance/turn-away.ts'
import type { ConnectionShares } from './connection-shares.ts'
import { takenOffer } from './deflate-offer.ts'
import type { SessionOpening } from './session.ts'
import type { Sessions } from './sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** For whom an upgrade speaks; set before the socket opens. */
    principal: Principal | undefined
    /** Why a page is upgraded only to be told that it cannot be served now. */
    turnedAway: AppError | undefined
  }
}

/** What the route asks before it opens a socket, and what it makes of an open one. */
export interface LiveRouteOptions {
  /** Origins of pages that may connect besides that of the gateway's own host. */
  readonly allowedOrigins: readonly string[]
  readonly access: Pick<Access, 'whyEnded'>
  readonly maxConnections: number
  readonly shares: Pick<ConnectionShares, 'refusalOf'>
  readonly pace: AcceptPace
  readonly maxFrameBytes: number
  /** Whether `permessage-deflate` is negotiated with clients that offer it. */
  readonly isCompressing: boolean
  /** Throws where the request does not speak for anybody. */
  readonly authenticate: (request: FastifyRequest) => Promise<Principal>
  readonly sessions: Sessions
  /** Makes a session of an open socket. */
  readonly open: (opening: SessionOpening) => void
  /** Called with the code of each refused upgrade, and of each message that `ws` ends a connection for. */
  readonly onRefused: (code: string) => void
}

/** Frames somewhat too large still get a coded answer; beyond this multiple `ws` itself closes with 1009. */
const HARD_LIMIT = 4
/** No context in either direction, and nothing that `ws` itself would compress: frames are, once for all. */
const SHARED_DEFLATE = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: Number.MAX_SAFE_INTEGER
}
/** What `ws` need not do: sessions are counted, and answer pings within their limits. */
const DONE_BY_SESSIONS = { clientTracking: false, autoPong: false }
/**
 * Parts of one message, which are not counted as frames: beyond these `ws` ends the connection with 1008. The largest
 * frame in fragments of 1 KB; and what came of a frame that is not whole yet, in as many pieces as hold about the
 * memory of the largest that is read at all.
 */
const PARTS = { maxFragments: 64, maxBufferedChunks: 2_048 }
const PATH = '/live'

/**
 * Adds `GET /live`: the WebSocket upgrade with its checks as hooks, in this order: sub-protocol, origin,
 * principal, room. What a hook throws is the coded answer, and a log-in or a rate limit is one more hook. A
 * page, which would see nothing of it, is told on an open connection that there is no room.
 * When the server closes, everybody is hinted away first.
 */
export async function addLiveRoute(app: FastifyInstance, options: LiveRouteOptions): Promise<void> {
  const { allowedOrigins, maxFrameBytes, isCompressing, authenticate, sessions, open, onRefused } = options
  const away = createTurnAway(onRefused)
  const admit = createAdmission({ ...options, canTell: away.hasRoom })
  await app.register(websocket, {
    options: {
      perMessageDeflate: isCompressing && SHARED_DEFLATE,
      ...DONE_BY_SESSIONS,
      ...PARTS,
      maxPayload: maxFrameBytes * HARD_LIMIT,
      handleProtocols: offered => protocolOf(offered) ?? false
    },
    errorHandler: (err, ws, request) => {
      request.log.error({ err }, 'connection failed')
      ws.terminate()
    },
    // Its own pre-close would close every socket at once, and calls back twice.
    preClose: done => void sessions.drain().then(() => done())
  })
  // What `ws` itself finds wrong with a handshake, its key, its version or its list of sub-protocols: without
  // a listener it answers in plain text.
  app.websocketServer.on('wsClientError', ({ message }, socket) => {
    onRefused('GTW_BAD_UPGRADE')
    endWithError(socket, new AppError('GTW_BAD_UPGRADE', { detail: message }))
  })
  const countBroken = (err: Error & { code?: string }): void => {
    if (err.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') onRefused('GTW_FRAME_TOO_LARGE')
    else if (isBroken(err)) onRefused('GTW_BAD_FRAME')
  }
  app.decorateRequest('principal', undefined)
  app.decorateRequest('turnedAway', undefined)
  app.addHook('onRequest', async request => {
    if (request.ws && request.routeOptions.url !== PATH)
      throw new AppError('GTW_BAD_UPGRADE', { detail: `${briefly(request.raw.url)}; expected: ${PATH}` })
  })
  app.addHook('onError', async (request, _reply, caught) => {
    const isOfDoor = request.raw.headers.upgrade !== undefined || request.routeOptions.url === PATH
    if (isOfDoor) onRefused(AppError.from(caught).code)
  })

  const assertWelcome = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.ws) throw upgradeRequired(reply)
    assertProtocol(request.raw)
    assertOrigin(request, allowedOrigins)
    request.principal = await authenticate(request).catch(caught => turnAway(request, caught, away))
    if (isCompressing) reduceOffers(request.raw)
  }
  app.route({
    method: 'GET',
    url: PATH,
    exposeHeadRoute: false,
    onRequest: assertWelcome,
    preHandler: roomHook(admit),
    handler: (_request, reply) => {
      throw upgradeRequired(reply)
    },
    wsHandler: (ws: WebSocket, { principal, turnedAway, ip: address }: FastifyRequest) => {
      // The plugin's listener would hold request and response in memory for as long as the connection lasts.
      ws.removeAllListeners('error')
      ws.on('error', countBroken)
      const codec = codecOf(ws.protocol)
      if (turnedAway !== undefined) return away.tell(ws, codec, turnedAway)
      if (principal === undefined) throw new AppError('GEN_INTERNAL')
      open({ ws, codec, principal, address })
    }
  })
}

/** A page, which names its origin, sees nothing of a refused upgrade: it is told. Others get the refusal. */
function turnAway(
  request: FastifyRequest,
  caught: unknown,
  { hasRoom }: Pick<TurnAway, 'hasRoom'>
): undefined {
  if (request.headers.origin === undefined || !hasRoom()) throw caught
  request.turnedAway = AppError.from(caught)
}

/** The last hook, and not an async one: nothing comes between the count and the new session. */
const roomHook =
  (admit: Admission): preHandlerHookHandler =>
  (request, reply, done) => {
    const onVerdict = (verdict: Verdict): void => {
      if (verdict.kind === 'told') request.turnedAway = verdict.error
      if (verdict.kind !== 'refused') {
        letGo(reply.raw)
        gatherWrites(request.raw.socket)
      }
      done(verdict.kind === 'refused' ? verdict.error : undefined)
    }
    const { turnedAway: error, principal, ip: address } = request
    if (error !== undefined) onVerdict({ kind: 'told', error })
    else if (principal === undefined) done(new AppError('GEN_INTERNAL'))
    else admit(request.raw, { principal, address }, onVerdict)
  }

/** What a client sent was not WebSocket, not UTF-8 or not deflated; a socket's own errors have other codes. */
const isBroken = ({ code }: { readonly code?: string }): boolean =>
  code !== undefined && (code.startsWith('WS_ERR_') || code.startsWith('Z_'))

/** `ws` refuses an upgrade for one offer that it does not take; here such an offer is left out. */
function reduceOffers({ headers }: IncomingMessage): void {
  const offered = headers['sec-websocket-extensions']
  if (offered === undefined) return
  try {
    headers['sec-websocket-extensions'] = takenOffer(offered)
  } catch (caught) {
    if (!(caught instanceof SyntaxError)) throw caught
    throw new AppError('GTW_BAD_UPGRADE', { detail: `Sec-WebSocket-Extensions: ${briefly(offered)}` })
  }
}

function upgradeRequired(reply: FastifyReply): AppError {
  void reply.header('upgrade', 'websocket')
  return new AppError('GTW_UPGRADE_REQUIRED', {
    detail: `a plain request came; expected: an upgrade with sub-protocol ${SUBPROTOCOLS.join(' or ')}`
  })
}

/**
 * From here on the socket belongs to `ws`: its response object, which is never used, need not live as long as
 * the connection.
 */
function letGo(response: ServerResponse): void {
  if (response.socket !== null) response.detachSocket(response.socket)
}

/**
 * What is written in this turn goes out in one piece: the answer to the upgrade and the welcome. Every write is a
 * call to the kernel and a packet, and of many clients that come at once those are most of the work.
 */
function gatherWrites(socket: Socket): void {
  socket.cork()
  process.nextTick(() => socket.uncork())
}

function assertProtocol({ headers }: IncomingMessage): void {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
  if (protocolOf(offered) === undefined)
    throw new AppError('GTW_BAD_UPGRADE', {
      detail: `sub-protocol is ${briefly(offered.join(', '))}; expected: ${SUBPROTOCOLS.join(' or ')}`
    })
}

/** The first of the client's sub-protocols that is one of ours. */
function protocolOf(offered: Iterable<string>): string | undefined {
  for (const name of offered) if ((SUBPROTOCOLS as readonly string[]).includes(name)) return name
  return undefined
}

const codecOf = (protocol: string): Codec => (protocol.endsWith('json') ? 'json' : 'msgpack')
