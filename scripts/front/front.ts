/**
 * One origin for a browser: `/` and `/api` go to the api, `/live` to one of the gateways, as an Ingress does
 * in production [docs/ARCHITECTURE.md]. Used by `npm start`; httpxy does the proxying, this file only
 * chooses.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { createProxyServer, proxyUpgrade } from 'httpxy'
import { type Route, routeOf } from './routes.ts'
import { type Balancer, createBalancer, type Target } from './targets.ts'

/** What the front listens on and where it sends what. */
export interface FrontOptions {
  readonly host: string
  readonly port: number
  readonly routes: readonly Route[]
}

/** A front: `start` rejects when the port is in use, `address` is known after it. */
export interface Front {
  start(): Promise<void>
  stop(): Promise<void>
  address(): string
}

/** Makes the proxy; it listens only after `start`. */
export function createFront({ host, port, routes }: FrontOptions): Front {
  const proxy = createProxyServer({ xfwd: true })
  const balancers = new Map(routes.map(route => [route.prefix, createBalancer(route.targets)]))
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void serve(request, response))

  const balancerOf = (url = '/'): Balancer | undefined => balancers.get(routeOf(routes, url)?.prefix ?? '')

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/front/livez') return void response.end('{"live":true}')
    const target = await reachable(balancerOf(request.url))
    if (target === undefined) return refuse(response)
    target.open++
    response.once('close', () => target.open--)
    await proxy.web(request, response, { target: target.url }).catch(() => refuse(response))
  }

  async function upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const target = await reachable(balancerOf(request.url))
    if (target === undefined)
      return void socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n'
      )
    target.open++
    socket.once('close', () => target.open--)
    await proxyUpgrade(target.url, request, socket, head).then(
      upstream => tie(socket, upstream),
      () => socket.destroy()
    )
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    void upgrade(request, socket as Socket, head)
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  return {
    start: () => listen(server, host, port),
    stop: () => close(server, sockets),
    address: () => addressOf(server)
  }
}

/** Neither half of an upgraded connection outlives the other. */
function tie(socket: Socket, upstream: Socket): void {
  socket.once('close', () => upstream.destroy())
  upstream.once('close', () => socket.destroy())
  if (socket.destroyed) upstream.destroy()
}

/** The first target that takes a TCP connection; those that do not are rested a second. */
async function reachable(balancer: Balancer | undefined): Promise<Target | undefined> {
  for (const target of balancer?.order() ?? []) {
    if (await answers(new URL(target.url))) return target
    balancer?.failed(target)
  }
  return undefined
}

function answers({ hostname, port }: URL): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect({ host: hostname, port: Number(port), timeout: 1000 })
    const done = (answer: boolean): void => {
      probe.destroy()
      resolve(answer)
    }
    probe.once('connect', () => done(true))
    probe.once('error', () => done(false))
    probe.once('timeout', () => done(false))
  })
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy()
  const error = {
    code: 'BRK_NO_RESPONDERS',
    message: 'the service behind this path does not answer',
    canRetry: true
  }
  response
    .writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
    .end(JSON.stringify({ error }))
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

function addressOf(server: Server): string {
  const address = server.address()
  return address !== null && typeof address === 'object' ? `http://127.0.0.1:${address.port}` : ''
}
