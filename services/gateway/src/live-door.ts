import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Principal } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import { CLOSE, type Codec, SUBPROTOCOLS } from '@meridian/protocol/live'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Session } from './session.ts'

/** What the door asks before it opens, and what it makes of an open connection. */
export interface LiveDoorOptions {
  readonly allowedOrigins: readonly string[]
  readonly maxConnections: number
  readonly maxFrameBytes: number
  readonly pingMs: number
  readonly idleMs: number
  /** Why nobody is let in at the moment. */
  readonly closedFor: () => AppError | undefined
  /** Throws where the request does not speak for anybody. */
  readonly authenticate: (request: IncomingMessage) => Principal
  readonly open: (ws: WebSocket, codec: Codec, principal: Principal) => Session
  readonly onRefused: (code: string) => void
}

/** The WebSocket door at `/live`. */
export interface LiveDoor {
  /** Takes the upgrades of a server. */
  attach(server: Server): void
  readonly connections: number
  /** Hints everybody away over `spreadMs`, closes who is left at `deadlineMs`; resolves when all are gone. */
  drain(spreadMs: number, deadlineMs: number): Promise<void>
  close(): void
}

/** Frames somewhat too large still get a coded answer; beyond this `ws` itself closes with 1009. */
const HARD_LIMIT = 4
const DRAIN_STEP_MS = 20

/** A door that is attached to no server yet. */
export function createLiveDoor(options: LiveDoorOptions): LiveDoor {
  const sessions = new Set<Session>()
  const wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: options.maxFrameBytes * HARD_LIMIT,
    handleProtocols: offered => protocolOf(offered) ?? false
  })
  const timer = setInterval(() => pingAll(sessions, options.idleMs), options.pingMs).unref()

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => {})
    try {
      assertWelcome(request, options, sessions.size)
      const principal = options.authenticate(request)
      wss.handleUpgrade(request, socket, head, ws => enter(ws, principal))
    } catch (caught) {
      const err = AppError.from(caught)
      options.onRefused(err.code)
      refuse(socket, err)
    }
  }
  const enter = (ws: WebSocket, principal: Principal): void => {
    const session = options.open(ws, codecOf(ws.protocol), principal)
    sessions.add(session)
    ws.once('close', () => sessions.delete(session))
  }

  return {
    get connections() {
      return sessions.size
    },
    attach(server) {
      server.on('upgrade', upgrade)
    },
    async drain(spreadMs, deadlineMs) {
      for (const session of sessions) session.hint('drain', Math.floor(Math.random() * spreadMs), deadlineMs)
      const deadline = performance.now() + deadlineMs
      while (sessions.size > 0 && performance.now() < deadline) await sleep(DRAIN_STEP_MS)
      for (const session of sessions) session.end(CLOSE.goingAway, 'GTW_DRAINING')
      while (sessions.size > 0) await sleep(DRAIN_STEP_MS)
    },
    close() {
      clearInterval(timer)
      wss.close()
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

function assertWelcome(request: IncomingMessage, options: LiveDoorOptions, connections: number): void {
  if (request.url?.split('?')[0] !== '/live')
    throw new AppError('GTW_BAD_UPGRADE', { detail: 'the path is /live' })
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
  if (protocolOf(offered) === undefined)
    throw new AppError('GTW_BAD_UPGRADE', { detail: `sub-protocols are ${SUBPROTOCOLS.join(', ')}` })
  if (!isAllowedOrigin(request, options.allowedOrigins)) throw new AppError('GTW_BAD_ORIGIN')
  const closed = options.closedFor()
  if (closed !== undefined) throw closed
  if (connections >= options.maxConnections) throw new AppError('GTW_FULL', { limit: options.maxConnections })
}

/** The first of the client's sub-protocols that is one of ours. */
function protocolOf(offered: Iterable<string>): string | undefined {
  for (const name of offered) if ((SUBPROTOCOLS as readonly string[]).includes(name)) return name
  return undefined
}

const codecOf = (protocol: string): Codec => (protocol.endsWith('json') ? 'json' : 'msgpack')

/** Programs send no Origin. A page must come from the host that it connects to, also through a proxy, or from the list. */
export function isAllowedOrigin(
  { headers }: Pick<IncomingMessage, 'headers'>,
  allowed: readonly string[]
): boolean {
  const { origin, host } = headers
  if (origin === undefined || allowed.includes(origin)) return true
  const forwarded = headers['x-forwarded-host']
  try {
    const own = new URL(origin).host
    return own === host || own === forwarded
  } catch {
    return false
  }
}

function refuse(socket: Duplex, err: AppError): void {
  const body = JSON.stringify({ error: err.toWire() })
  const { http = 500, canRetry } = err.entry
  socket.end(
    [
      `HTTP/1.1 ${http} ${err.code}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(canRetry ? ['Retry-After: 1'] : []),
      '',
      body
    ].join('\r\n')
  )
}

function pingAll(sessions: ReadonlySet<Session>, idleMs: number): void {
  const oldest = performance.now() - idleMs
  for (const session of sessions) {
    if (session.seenMs < oldest) session.drop()
    else session.ping()
  }
}
