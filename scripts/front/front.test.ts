import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createFront, type Front } from './front.ts'
import { parseRoutes, routeOf } from './routes.ts'
import { createBalancer } from './targets.ts'

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function backend(name: string): Promise<Server> {
  const server = createServer((request, response) => response.end(`${name} ${request.url}`))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => socket.on('message', data => socket.send(`${name} ${data}`)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function ask(url: string): Promise<string> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.send('who')
  const [data] = await once(socket, 'message')
  socket.terminate()
  return String(data)
}

async function frontOver(t: { teardown(end: () => unknown): void }, routes: string): Promise<Front> {
  const front = createFront({ host: '127.0.0.1', port: 0, routes: parseRoutes(routes) })
  t.teardown(() => front.stop())
  await front.start()
  return front
}

t.test('the longest prefix that ends at a segment decides', async t => {
  const routes = parseRoutes('/live=http://a /api/deep=http://b /=http://c')
  t.equal(routeOf(routes, '/live')?.prefix, '/live')
  t.equal(routeOf(routes, '/live?x=1')?.prefix, '/live')
  t.equal(routeOf(routes, '/lively')?.prefix, '/')
  t.equal(routeOf(routes, '/api/deep/er')?.prefix, '/api/deep')
})

t.test('the least loaded target comes first and one that refused comes last for a second', async t => {
  let now = 0
  const balancer = createBalancer(['http://a', 'http://b'], () => now)
  const [first] = balancer.order()
  if (first === undefined) throw new Error('no target')
  first.open = 2
  t.not(balancer.order()[0], first)
  first.open = 0
  balancer.failed(first)
  t.equal(balancer.order().at(-1), first)
  t.equal(balancer.order().at(-1), first)
  now = 1001
  t.ok([balancer.order()[0], balancer.order()[0]].includes(first))
})

t.test('HTTP goes to the api, WebSockets spread over the gateways', async t => {
  const [one, two, api] = await Promise.all([backend('one'), backend('two'), backend('api')])
  t.teardown(() => [one, two, api].map(server => server.close()))
  const front = await frontOver(t, `/live=${urlOf(one)},${urlOf(two)} /=${urlOf(api)}`)
  t.equal(await (await fetch(`${front.address()}/api/x`)).text(), 'api /api/x')
  const answers = new Set([await ask(`${front.address()}/live`), await ask(`${front.address()}/live`)])
  t.same([...answers].sort(), ['one who', 'two who'])
})

t.test('a dead gateway is passed over, and with none left the answer is 503', async t => {
  const [one, two] = await Promise.all([backend('one'), backend('two')])
  const front = await frontOver(t, `/live=${urlOf(one)},${urlOf(two)}`)
  one.close()
  one.closeAllConnections()
  await once(one, 'close')
  for (let i = 0; i < 4; i++) t.equal(await ask(`${front.address()}/live`), 'two who')
  two.close()
  two.closeAllConnections()
  await once(two, 'close')
  const [error] = await once(new WebSocket(`${front.address()}/live`), 'error')
  t.match(String(error), '503')
  t.equal((await fetch(`${front.address()}/elsewhere`)).status, 503)
})
