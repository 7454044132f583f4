/**
 * One origin for a browser: `/` and `/api` go to the api, `/live` to one of the gateways, as an Ingress does
 * in production [docs/ARCHITECTURE.md]. Used by `npm start`; httpxy does the proxying, this file only
 * chooses.
 */
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { connect, type Server, type Socket } from 'node:net'
import { AppError, type CodeEntry, codes } from '@meridian/errors'
import {
  answerBrokenRequest,
  answerExpectation,
  badHost,
  endWithError,
  HEALTH_PATHS,
  type HostCheck,
  isBeforeBody,
  notOneHost,
  REQUEST_LIMITS,
  SERVER_OPTIONS,
  securityHeaders
} from '@meridian/service'
import { createProxyServer } from 'httpxy'
import { asksToClose, dropPerConnection, setForwarded } from './forwarded.ts'
import { isWebSocket, serveWithoutUpgrade } from './plain-request.ts'
import { pathOf, type Route, routeOf } from './routes.ts'
import { type Balancer, createBalancer, type Target } from './targets.ts'
import { createTlsDoor, createTlsServer, type FrontTls } from './tls-door.ts'
import { passUpgrade, type Upgrade } from './upgrade.ts'
import { type Gateways, isForPage, waitingPage } from './waiting-page.ts'

/** What the front listens on, which hosts it answers to, and where it sends what. */
export interface FrontOptions {
  readonly host: string
  readonly port: number
  readonly routes: readonly Route[]
  readonly isOurs: HostCheck
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
/** Requests that hang take no turns away from others: connections to a service are as many as requests. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 64 })

/** Makes the proxy; it listens only after `start`. */
export function createFront({
  host,
  port,
  routes,
  isOurs,
  requestMs = REQUEST_MS,
  tls
}: FrontOptions): Front {
  const proxy = createProxyServer({ agent })
  const balancers = new Map(routes.map(route => [route.prefix, createBalancer(route.targets)]))
  const sockets = new Set<Socket>()
  const server =
    tls === undefined
      ? createServer({ ...SERVER_OPTIONS, requestTimeout: requestMs })
      : createTlsServer(tls, requestMs)
  const balancerOf = (url: string): Balancer | undefined => balancers.get(routeOf(routes, url)?.prefix ?? '')

  /** Says in words or in JSON why a request is not served. */
  async function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): Promise<void> {
    const isPage = isForPage(request) && error.entry.canRetry
    const page = isPage ? waitingPage(error, await gatewaysOf(balancers.get('/live'))) : undefined
    answerError(request, response, { error, page })
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === LIVE_PATH) return void serveLive(response)
    const balancer = balancerOf(request.url ?? '/')
    const target = refusalOf(request, isOurs) ?? (await reachable(balancer))
    if (target instanceof AppError) return refuse(request, response, target)
    target.open++
    response.once('close', () => {
      target.open--
      // Whoever says when to come back has no room now: meanwhile others are asked. 429 speaks of the client alone.
      if (response.hasHeader('retry-after') && response.statusCode !== 429) balancer?.failed(target)
    })
    setForwarded(request)
    dropPerConnection(request.headers)
    await proxy
      .web(request, response, { target: target.url })
      .catch((cause: unknown) => refuse(request, response, lost(cause)))
  }

  async function upgrade(upgrade: Upgrade): Promise<void> {
    const { request, socket } = upgrade
    if (!isWebSocket(request)) return serveWithoutUpgrade(server, upgrade)
    const refusal = refusalOf(request, isOurs)
    if (refusal !== undefined) return endWithError(socket, refusal)
    setForwarded(request)
    await passToSome(balancerOf(request.url ?? '/'), upgrade).catch((cause: unknown) =>
      endWithError(socket, lost(cause))
    )
  }

  proxy.on('proxyRes', ({ headers, statusCode }, request, response) => {
    const { upgrade } = headers
    dropPerConnection(headers)
    // It says what is required, and is no upgrade by itself (RFC 9110, 15.5.22).
    if (statusCode === UPGRADE_REQUIRED && upgrade !== undefined) headers.upgrade = upgrade
    if (isBeforeBody(request, response as ServerResponse)) headers.connection = 'keep-alive'
    else if (asksToClose(request)) headers.connection = 'close'
  })
  server.on('request', (request, response) => void serve(request, response))
  server.on('clientError', answerBrokenRequest)
  server.on('checkExpectation', answerExpectation)
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    void upgrade({ request, socket: socket as Socket, head })
  })
  const refuseInTheClear = (request: IncomingMessage, response: ServerResponse, error: AppError): void =>
    answerError(request, response, { error, page: undefined })
  const door: Server =
    server instanceof HttpsServer
      ? createTlsDoor(server, { isOurs, livePath: LIVE_PATH, serveLive, refuse: refuseInTheClear })
      : server
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

const LIVE_PATH = '/front/livez'
const UPGRADE_REQUIRED = 426

const serveLive = (response: ServerResponse): void => void response.end('{"live":true}')

/** Probes and metrics of the services are for those who run them, not for whoever reaches the front. */
function refusalOf(request: IncomingMessage, isOurs: HostCheck): AppError | undefined {
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

/**
 * The first target that takes a TCP connection; those that do not are rested a second. One that is only slow to
 * take it, as under a burst of requests, is still asked where no other is there.
 */
async function reachable(balancer: Balancer | undefined): Promise<Target | AppError> {
  let slow: Target | undefined
  for (const target of balancer?.order() ?? []) {
    const answer = await probe(new URL(target.url))
    if (answer === 'taken') return target
    if (answer === 'slow') slow ??= target
    balancer?.failed(target)
  }
  const detail = 'the service behind this path does not answer'
  return slow ?? new AppError('BRK_NO_RESPONDERS', { detail })
}

/** A gateway that is full or going refuses: the next one is asked, and the answer of the last is passed on. */
async function passToSome(balancer: Balancer | undefined, upgrade: Upgrade): Promise<void> {
  const { socket } = upgrade
  const refused = new Set<Target>()
  for (;;) {
    const target = await reachable(balancer)
    if (target instanceof AppError) return endWithError(socket, target)
    target.open++
    const leave = (): void => void target.open--
    socket.once('close', leave)
    if ((await passUpgrade(target.url, upgrade, refused.has(target))) === 'passed') return
    socket.off('close', leave)
    leave()
    refused.add(target)
    balancer?.failed(target)
  }
}

function probe({ hostname, port }: URL): Promise<'taken' | 'refused' | 'slow'> {
  return new Promise(resolve => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 1000 })
    const done = (answer: 'taken' | 'refused' | 'slow'): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done('taken'))
    socket.once('error', () => done('refused'))
    socket.once('timeout', () => done('slow'))
  })
}

async function gatewaysOf(balancer: Balancer | undefined): Promise<Gateways> {
  if (balancer === undefined) return 'none'
  return (await reachable(balancer)) instanceof AppError ? 'silent' : 'answer'
}

const lost = (cause: unknown): AppError => new AppError('NET_CONNECTION_LOST', { cause })

interface Refusal {
  readonly error: AppError
  /** What somebody reads in a browser; undefined: a program asks. */
  readonly page: string | undefined
}

function answerError(request: IncomingMessage, response: ServerResponse, { error, page }: Refusal): void {
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
