import { once } from 'node:events'
import { connect } from 'node:net'
import { isBeforeBody } from '@meridian/service'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { pathOf } from './routes.ts'
import { backend, frontBefore, frontOver, open, told, urlOf } from './test-front.ts'

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

t.test('what the front says of a client is not dropped as its connection says', async t => {
  const front = await frontBefore(t, (request, response) => response.end(told(request)))
  const { heard, socket } = open(t, front)
  const named = 'x-forwarded-for, x-forwarded-proto, x-forwarded-host'
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: ${named}\r\n\r\n`)
  t.match(await heard('}'), /"x-forwarded-for":"127\.0\.0\.1".*"x-forwarded-proto":"http"/)
})

t.test('a body is never read as a request, whatever its connection says of its length', async t => {
  const seen: string[] = []
  const front = await frontBefore(t, (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`)
    request.resume().on('end', () => response.end('{}'))
  })
  const inner = 'GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n'
  const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`
  for (const method of ['GET', 'DELETE', 'POST'])
    for (const [framing, body] of [
      [`content-length: ${inner.length}`, inner],
      ['transfer-encoding: chunked', chunk]
    ] as const) {
      const { socket, heard } = open(t, front)
      const [name] = framing.split(':')
      socket.write(
        `${method} /outer HTTP/1.1\r\nHost: localhost\r\nConnection: ${name}, host\r\n${framing}\r\n\r\n${body}`
      )
      t.match(await heard('{}'), /^HTTP\/1\.1 200/, `${method} ${framing}`)
      t.equal((await fetch(`${front.address()}/after`)).status, 200)
    }
  t.same([...new Set(seen.filter(line => !line.includes('/after')))].sort(), [
    ...['DELETE /outer localhost', 'GET /outer localhost', 'POST /outer localhost']
  ])
})

t.test('probes and metrics of the services stay behind it, however they are spelled', async t => {
  const front = await frontBefore(t, (_request, response) => response.end('a secret'))
  t.equal(pathOf('/%6Detrics?x=1'), '/metrics')
  for (const path of ['/metrics', '/metrics?a', '/%6detrics', '/readyz', '/startupz', '/livez', '/version']) {
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
      'GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\nConnection: close\r\n\r\n',
      "header 'host' came 2 times; expected: once"
    ],
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
