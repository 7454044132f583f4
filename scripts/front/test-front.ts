// A front before small services, and connections to it, for its tests.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createHostCheck } from '@meridian/service'
import { WebSocket, WebSocketServer } from 'ws'
import { createFront, type Front } from './front.ts'
import { parseRoutes } from './routes.ts'
import type { FrontTls } from './tls-door.ts'

/** Where a server listens on this machine. */
export const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** A service that answers with its name and the path, over WebSocket too. */
export async function backend(name: string): Promise<Server> {
  const server = createServer((request, response) => response.end(`${name} ${request.url}`))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => socket.on('message', data => socket.send(`${name} ${data}`)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** What the other end of a WebSocket says first. */
export async function ask(url: string): Promise<string> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send('who')
  const [data] = await once(socket, 'message')
  socket.terminate()
  return String(data)
}

type Ending = { teardown(end: () => unknown): void }

/** A front over these routes, which ends with the test. */
export async function frontOver(
  t: Ending,
  routes: string,
  requestMs = 12_000,
  tls?: FrontTls
): Promise<Front> {
  const isOurs = createHostCheck({ names: 'meridian.example', listenOn: '127.0.0.1' })
  const front = createFront({
    host: '127.0.0.1',
    port: 0,
    routes: parseRoutes(routes),
    isOurs,
    requestMs,
    tls
  })
  t.teardown(() => front.stop())
  await front.start()
  return front
}

/** A service behind a front that has only this one. */
export async function frontBefore(t: Ending, serve: RequestListener, requestMs?: number): Promise<Front> {
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return frontOver(t, `/=${urlOf(server)}`, requestMs)
}

/** A connection to the front, for requests that no client library sends. */
export function open(
  t: Ending,
  front: Front
): { socket: Socket; heard(text: string | RegExp): Promise<string> } {
  const socket = connect(Number(new URL(front.address()).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  socket.on('error', () => {})
  const isThere = (what: string | RegExp): boolean =>
    typeof what === 'string' ? text.includes(what) : what.test(text)
  return {
    socket,
    async heard(what) {
      while (!isThere(what) && !socket.closed)
        await Promise.race([once(socket, 'data'), once(socket, 'close')])
      return text
    }
  }
}

/** What a service behind the front was asked, with all headers. */
export const told = (request: IncomingMessage): string =>
  JSON.stringify({ url: request.url, ...request.headers })
