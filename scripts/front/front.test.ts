import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createHostCheck, isBeforeBody } from '@meridian/service'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createFront, type Front } from './front.ts'
import { parseRoutes, pathOf, routeOf } from './routes.ts'
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

type Ending = { teardown(end: () => unknown): void }

async function frontOver(t: Ending, routes: string, requestMs = 12_000): Promise<Front> {
  const isOurs = createHostCheck({ names: 'meridian.example', listenOn: '127.0.0.1' })
  const front = createFront({ host: '127.0.0.1', port: 0, routes: parseRoutes(routes), isOurs, requestMs })
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

/** A service behind a front that has only this one. */
async function frontBefore(t: Ending, serve: RequestListener, requestMs?: number): Promise<Front> {
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
function open(t: Ending, front: Front): { socket: Socket; heard(text: string | RegExp): Promise<string> } {
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

const told = (request: IncomingMessage): string => JSON.stringify({ url: request.url, ...request.headers })

t.test('an upgrade that nobody serves is ignored: the request is answered as any other', async t => {
  const front = await frontBefore(t, async (request, response) => {
    const body = await request.toArray()
    response.end(`${request.method} ${request.url} ${request.headers.upgrade} ${body}.`)
  })
  const upgrade = 'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ\r\n'
  const h2c = open(t, front)
  h2c.socket.write(`GET /a HTTP/1.1\r\n${upgrade}Upgrade: h2c\r\n\r\n`)
  t.match(await h2c.heard('undefined .'), /^HTTP\/1\.1 200 OK[\s\S]*GET \/a undefined \./)
  h2c.socket.write('GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n')
  t.match(await h2c.heard('/b'), 'GET /b', 'and the connection goes on')

  const posted = open(t, front)
  posted.socket.write(`POST /live HTTP/1.1\r\n${upgrade}Upgrade: websocket\r\nContent-Length: 6\r\n\r\nabc`)
  await once(posted.socket, 'ready')
  posted.socket.write('def')
  t.match(await posted.heard('def'), 'POST /live undefined abcdef.')

  const elsewhere = open(t, front)
  elsewhere.socket.write(`GET /c HTTP/1.1\r\n${upgrade}Upgrade: websocket\r\n\r\n`)
  t.match(
    await elsewhere.heard(/GET \/c/),
    /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*GET \/c websocket \./
  )
})

t.test('an answer that comes before the body is through reaches the client', async t => {
  const front = await frontBefore(t, (request, response) => {
    if (isBeforeBody(request, response)) response.setHeader('connection', 'keep-alive')
    response.writeHead(413).end('{"error":{"code":"NET_TOO_LARGE"}}')
  })
  const body = Buffer.alloc(20 << 20, 0x20)
  for (let i = 0; i < 10; i++) {
    const answer = await fetch(front.address(), { method: 'POST', body })
    t.equal(answer.status, 413)
    t.match(await answer.json(), { error: { code: 'NET_TOO_LARGE' } })
  }
  const closing = open(t, front)
  closing.socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
  )
  closing.socket.write(body)
  await once(closing.socket, 'close')
  t.match(
    await closing.heard('}'),
    /^HTTP\/1\.1 413 [\s\S]*NET_TOO_LARGE/,
    'also where the client wants it to close'
  )
})

t.test('a connection that is lost before the answer is told as that, never as nothing served', async t => {
  const front = await frontBefore(t, request => void request.socket.destroy())
  const answer = await fetch(front.address(), { method: 'POST', body: 'move' })
  t.equal(answer.status, 502)
  t.match(await answer.json(), { error: { code: 'NET_CONNECTION_LOST', canRetry: false } })
  const upgrading = open(t, front)
  upgrading.socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  )
  t.match(await upgrading.heard('}}'), /^HTTP\/1\.1 502 [\s\S]*NET_CONNECTION_LOST/)
})

t.test('three hundred slow bodies and three hundred open requests keep nobody else waiting', async t => {
  let waiting = 0
  const front = await frontBefore(
    t,
    async (request, response) => {
      if (request.url === '/wait') waiting++
      else response.end(String((await request.toArray().catch(() => [])).length))
    },
    // On a busy machine the last of six hundred requests is read seconds after its connection.
    10_000
  )
  const slow = Array.from({ length: 300 }, () => open(t, front))
  for (const { socket } of slow) {
    socket.write('POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{')
    open(t, front).socket.write('GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n')
  }
  await waitFor(() => waiting === 300, { what: 'all that wait' })
  for (let i = 0; i < 20; i++) t.equal((await fetch(`${front.address()}/other`)).status, 200)
  const answers = await Promise.all(slow.map(({ heard }) => heard('}}')))
  t.ok(answers.every(text => /^HTTP\/1\.1 408 [\s\S]*NET_TOO_SLOW/.test(text)))
})

t.test('what a client says in the name of a proxy is replaced', async t => {
  const front = await frontBefore(t, (request, response) => response.end(told(request)))
  const headers = {
    'x-forwarded-for': '10.0.0.1',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/x',
    'x-real-ip': '10.0.0.1',
    forwarded: 'for=10.0.0.1'
  }
  const heard = (await (await fetch(front.address(), { headers })).json()) as Record<string, string>
  const { host } = new URL(front.address())
  t.match(heard, {
    host,
    'x-forwarded-host': host,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http'
  })
  t.same(
    Object.keys(heard).filter(name => /forwarded|real/.test(name)),
    ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']
  )
})

t.test('probes and metrics of the services stay behind it, however they are spelled', async t => {
  const front = await frontBefore(t, (_request, response) => response.end('a secret'))
  t.equal(pathOf('/%6Detrics?x=1'), '/metrics')
  for (const path of ['/metrics', '/metrics?a', '/%6detrics', '/readyz', '/startupz', '/livez']) {
    const answer = await fetch(`${front.address()}${path}`)
    t.equal(answer.status, 404, path)
    t.match(await answer.json(), { error: { code: 'NET_NO_ROUTE' } })
  }
  t.equal((await fetch(`${front.address()}/front/livez`)).status, 200)
})

t.test('a host that is none of ours gets a coded answer, for an upgrade too', async t => {
  const front = await frontBefore(t, (_request, response) => response.end('a secret'))
  const ask = async (host: string, more = ''): Promise<string> => {
    const { socket, heard } = open(t, front)
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`)
    return heard(/}}|secret/)
  }
  for (const host of [
    'localhost:1',
    '127.0.0.1',
    '127.8.0.1:2',
    '[::1]:80',
    'LocalHost',
    'meridian.example.'
  ])
    t.match(await ask(host), 'a secret', host)
  for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example', '10.0.0.1'])
    t.match(await ask(host), /^HTTP\/1\.1 421 [\s\S]*x-frame-options: DENY[\s\S]*NET_BAD_HOST/i, host)
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
  t.match(await ask('evil.example', upgrade), /^HTTP\/1\.1 421 [\s\S]*NET_BAD_HOST/)
})

t.test('what the front cannot read is refused with a code and a sentence, and is not passed on', async t => {
  const server = await backend('api')
  t.teardown(() => server.close())
  const front = await frontOver(t, `/=${urlOf(server)}`)
  for (const [request, sentence] of [
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', "header 'host' is missing"],
    [
      'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: a-cake\r\nContent-Length: 0\r\n\r\n',
      "'expect' is 'a-cake'"
    ]
  ] as const) {
    const socket = connect(Number(new URL(front.address()).port), '127.0.0.1')
    socket.write(request)
    let text = ''
    socket.setEncoding('utf8').on('data', chunk => (text += chunk))
    await once(socket, 'close')
    t.match(text, /^HTTP\/1\.1 400 [\s\S]*nosniff[\s\S]*"code":"NET_BAD_REQUEST"/, sentence)
    t.ok(text.includes(sentence), text)
  }
})
