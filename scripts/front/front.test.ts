import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket } from 'ws'
import { parseRoutes, routeOf } from './routes.ts'
import { createBalancer } from './targets.ts'
import { ask, backend, frontBefore, frontOver, urlOf } from './test-front.ts'

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

t.test('a gateway that stands still is passed over: it takes connections and says nothing', async t => {
  const [frozen, well] = [createTcpServer(), await backend('well')]
  const held = new Set<Socket>()
  frozen.on('connection', socket => held.add(socket))
  frozen.listen(0, '127.0.0.1')
  await once(frozen, 'listening')
  t.teardown(() => {
    for (const socket of held) socket.destroy()
    frozen.close()
    well.close()
    well.closeAllConnections()
  })
  const front = await frontOver(
    t,
    `/live=http://127.0.0.1:${(frozen.address() as AddressInfo).port},${urlOf(well)}`
  )
  for (let i = 0; i < 3; i++) t.equal(await ask(`${front.address()}/live`), 'well who')
  t.ok(held.size > 0, 'the one that stands still was asked')
})

t.test('a gateway that refuses for now is passed over; where all do, the client gets the answer', async t => {
  const busy = createServer()
  busy.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 503 Service Unavailable\r\nx-from: busy\r\ncontent-length: 0\r\n\r\n')
  )
  busy.listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const free = await backend('free')
  t.teardown(() => [busy, free].map(server => server.close()))
  const front = await frontOver(t, `/live=${urlOf(busy)},${urlOf(free)} /busy=${urlOf(busy)}`)
  const url = front.address().replace('http', 'ws')
  for (let i = 0; i < 4; i++) t.equal(await ask(`${url}/live`), 'free who')
  const refused = new WebSocket(`${url}/busy`)
  refused.on('error', () => {})
  const [, answer] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
  t.match([answer.statusCode, answer.headers['x-from']], [503, 'busy'])
})

t.test(
  'events pass through one by one, and a reader that goes away is gone behind the front too',
  async t => {
    let gone = false
    let asked: IncomingHttpHeaders = {}
    let say = (_text: string): void => {}
    const front = await frontBefore(t, (request, response) => {
      asked = request.headers
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      say = text => response.write(text)
      say('data: 1\n\n')
      response.once('close', () => {
        gone = true
      })
    })
    const end = new AbortController()
    const headers = { 'last-event-id': '1.EVT', 'accept-encoding': 'gzip' }
    const answer = await fetch(`${front.address()}/live/events`, { headers, signal: end.signal })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    const next = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString()
    t.equal(await next(), 'data: 1\n\n', 'though the answer goes on')
    say('data: 2\n\n')
    t.equal(await next(), 'data: 2\n\n')
    t.equal(asked['last-event-id'], '1.EVT')
    t.equal(answer.headers.get('content-encoding'), null)
    end.abort()
    await waitFor(() => gone, { what: 'the service sees the end' })
  }
)

t.test('a service that says when to come back is passed over for a while, whatever its status', async t => {
  const full = createServer((_request, response) => response.setHeader('retry-after', '1').end('full'))
  full.listen(0, '127.0.0.1')
  await once(full, 'listening')
  const free = await backend('free')
  t.teardown(() => [full, free].map(server => server.close()))
  const front = await frontOver(t, `/live=${urlOf(full)},${urlOf(free)}`)
  const answers: string[] = []
  while (!answers.includes('full')) answers.push(await (await fetch(`${front.address()}/live/events`)).text())
  t.equal(await (await fetch(`${front.address()}/live/events`)).text(), 'free /live/events')
})

t.test('a client that asks for the end of its connection gets it with the answer', async t => {
  const api = await backend('api')
  t.teardown(() => api.close())
  const front = await frontOver(t, `/=${urlOf(api)}`)
  const socket = connect(Number(new URL(front.address()).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /api/site HTTP/1.1\r\nhost: localhost\r\nConnection: close\r\n\r\n')
  let said = ''
  socket.setEncoding('utf8').on('data', text => {
    said += text
  })
  await once(socket, 'end')
  t.match(said, /^connection: close\r$/im)
})

t.test('a service that found one client too fast goes on to serve the others', async t => {
  const strict = createServer((_request, response) =>
    response.writeHead(429, { 'retry-after': '1' }).end('strict')
  )
  strict.listen(0, '127.0.0.1')
  await once(strict, 'listening')
  const other = await backend('other')
  t.teardown(() => [strict, other].map(server => server.close()))
  const front = await frontOver(t, `/api=${urlOf(strict)},${urlOf(other)}`)
  const answers: string[] = []
  for (let i = 0; i < 8; i++) answers.push(await (await fetch(`${front.address()}/api/site`)).text())
  t.ok(answers.filter(answer => answer === 'strict').length > 1, answers.join())
})

t.test(
  'a browser that opens the console while the api is away reads what is away, and what is not',
  async t => {
    const [api, gateway] = await Promise.all([backend('api'), backend('gateway')])
    const front = await frontOver(t, `/live=${urlOf(gateway)} /=${urlOf(api)}`)
    const read = async () => (await fetch(front.address(), { headers: { accept: 'text/html' } })).text()
    api.close()
    await once(api, 'close')
    t.match(await read(), /The api is away[\s\S]*Gateways answer/)
    gateway.close()
    await once(gateway, 'close')
    t.match(await read(), /The api is away[\s\S]*No gateway answers either/)
  }
)

t.test('a browser that reloads while the service is away gets a page that asks again', async t => {
  const gone = await backend('gone')
  const front = await frontOver(t, `/=${urlOf(gone)}`)
  gone.close()
  await once(gone, 'close')
  const asked = { headers: { accept: 'text/html,application/xhtml+xml' } }
  const page = await fetch(front.address(), asked)
  t.match([page.status, page.headers.get('content-type')], [503, /^text\/html/])
  t.match(await page.text(), /http-equiv="refresh" content="1"[\s\S]*BRK_NO_RESPONDERS/)
  const program = await fetch(`${front.address()}/api/site`)
  t.match(await program.json(), { error: { code: 'BRK_NO_RESPONDERS' } })
})
