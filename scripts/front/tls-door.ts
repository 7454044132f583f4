/**
 * One port for TLS and for whoever knocks without it: the first byte tells them apart. What comes in the clear is told
 * where to go, and nothing behind the front ever sees it.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { AppError } from '@meridian/errors'
import { answerBrokenRequest, endWithError, type HostCheck, SERVER_OPTIONS } from '@meridian/service'

/** The certificate that the front shows, and its key: the texts of PEM files. */
export interface FrontTls {
  readonly cert: string
  readonly key: string
}

/** What a request in the clear is answered with. */
export interface InTheClear {
  readonly isOurs: HostCheck
  /** A probe of the process, which says nothing of the site. */
  readonly livePath: string
  readonly serveLive: (response: ServerResponse) => void
  readonly refuse: (request: IncomingMessage, response: ServerResponse, error: AppError) => void
}

/** The first byte of a handshake of TLS; no method of HTTP begins so. */
const HANDSHAKE = 0x16
/** Ms in which a client must send its first byte. */
const FIRST_BYTE_MS = 10_000

/** Ms in which a handshake of TLS must end: Node would wait two minutes. */
const HANDSHAKE_MS = 10_000

/** An HTTPS server with the limits of all our doors; its connections come from `createTlsDoor`. */
export const createTlsServer = (
  tls: FrontTls,
  requestTimeout: number,
  handshakeTimeout = HANDSHAKE_MS
): HttpsServer =>
  createHttpsServer({ ...SERVER_OPTIONS, ...tls, minVersion: 'TLSv1.2', requestTimeout, handshakeTimeout })

/** A server that gives connections with TLS to `secure` and answers the others itself; a request in the clear has `requestTimeout` ms as well. */
export function createTlsDoor(secure: HttpsServer, clear: InTheClear, requestTimeout: number): Server {
  const plain = createHttpServer({ ...SERVER_OPTIONS, requestTimeout }, (request, response) =>
    answer(clear, request, response)
  )
  plain.on('clientError', answerBrokenRequest)
  limitTime(secure)
  limitTime(plain)
  plain.on('upgrade', (request, socket) => {
    socket.on('error', () => socket.destroy())
    endWithError(socket, insecure(request))
  })
  return createServer(socket => {
    const giveUp = (): void => void socket.destroy()
    socket.on('error', giveUp)
    socket.setTimeout(FIRST_BYTE_MS, giveUp)
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0)
      socket.off('timeout', giveUp)
      handOver(first[0] === HANDSHAKE ? secure : plain, socket, first)
    })
  })
}

/**
 * Node looks for requests that are too slow from the moment at which a server listens, and these two never do: they
 * are given their connections [nodejs, lib/_http_server.js: setupConnectionsTracking].
 */
const limitTime = (server: { emit(event: 'listening'): boolean }): void => void server.emit('listening')

/** The other server reads from the first byte on. */
function handOver(
  server: { emit(event: 'connection', socket: Socket): boolean },
  socket: Socket,
  first: Buffer
) {
  socket.pause()
  socket.unshift(first)
  server.emit('connection', socket)
  process.nextTick(() => socket.resume())
}

/** Whoever reads is sent to the same address with TLS; what would change something is refused: it is not repeated unasked. */
function answer(
  { isOurs, livePath, serveLive, refuse }: InTheClear,
  request: IncomingMessage,
  response: ServerResponse
): void {
  const { method, url = '/', headers } = request
  if (url === livePath) return void serveLive(response)
  const isReading = method === 'GET' || method === 'HEAD'
  if (!isReading || headers.host === undefined || !isOurs(headers.host) || !url.startsWith('/'))
    return void refuse(request, response, insecure(request))
  response.writeHead(308, { location: `https://${headers.host}${url}`, 'cache-control': 'no-store' }).end()
}

const insecure = ({ headers }: IncomingMessage): AppError =>
  new AppError('NET_INSECURE', { detail: `ask https://${headers.host ?? ''} instead` })
