/**
 * One origin for a browser: `/` and `/api` go to the api, `/live` to one of the gateways, as an Ingress does
 * in production [docs/ARCHITECTURE.md]. Used by `npm start`; httpxy does the proxying, this file only
 * listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Server, Socket } from 'node:net'
import type { AppError } from '@meridian/errors'
import { answerBrokenRequest, answerExpectation, REQUEST_LIMITS, SERVER_OPTIONS } from '@meridian/service'
import { createPassing, LIVE_PATH, type PassingOptions, serveLive } from './passing.ts'
import { answerError } from './refusal.ts'
import { createTlsDoor, createTlsServer, type FrontTls } from './tls-door.ts'

/** What the front listens on, which hosts it answers to, and where it sends what. */
export interface FrontOptions extends PassingOptions {
  readonly host: string
  readonly port: number
  /** Ms in which a client must send its request; default: somewhat less than the services behind allow. */
  readonly requestMs?: number
  /** Default: none, plain HTTP. With it nothing is served in the clear: who asks so is sent to HTTPS. */
  readonly tls?: FrontTls | undefined
}

/** A front: `start` rejects when the port is in use, `address` is known after it. */
export interface Front {
  start(): Promise<void>
  stop(): Promise<void>
  address(): string
}

/** The front cuts off a slow request before the service behind does, so that there is one answer. */
const REQUEST_MS = REQUEST_LIMITS.requestTimeout - 3_000

/** Makes the proxy; it listens only after `start`. */
export function createFront({ host, port, requestMs = REQUEST_MS, tls, ...passed }: FrontOptions): Front {
  const server =
    tls === undefined
      ? createServer({ ...SERVER_OPTIONS, requestTimeout: requestMs })
      : createTlsServer(tls, requestMs)
  const passing = createPassing(passed, server)
  server.on('request', (request, response) => void passing.serve(request, response))
  server.on('clientError', answerBrokenRequest)
  server.on('checkExpectation', answerExpectation)
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    void passing.upgrade({ request, socket: socket as Socket, head })
  })
  const refuse = (request: IncomingMessage, response: ServerResponse, error: AppError): void =>
    answerError(request, response, { error, page: undefined })
  const door: Server =
    server instanceof HttpsServer
      ? createTlsDoor(server, { isOurs: passed.isOurs, livePath: LIVE_PATH, serveLive, refuse }, requestMs)
      : server
  const sockets = new Set<Socket>()
  door.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    start: () => listen(door, host, port),
    stop: () => close(door, sockets),
    address: () => addressOf(door, tls === undefined ? 'http' : 'https')
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}

function addressOf(server: Server, protocol: 'http' | 'https'): string {
  const address = server.address()
  return address !== null && typeof address === 'object' ? `${protocol}://127.0.0.1:${address.port}` : ''
}
