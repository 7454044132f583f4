import { once } from 'node:events'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import { createTestLog, startNats, type TestLog } from '@meridian/testing'
import t from 'tap'
import { Type } from 'typebox'
import {
  commonSettings,
  createHostCheck,
  createService,
  httpDoor,
  parseConfig,
  type Service
} from '../src/index.ts'

const spec = { service: 'door', summary: 'runs in the test', settings: Type.Object(commonSettings) }

async function serviceWith(
  t: { teardown(end: () => unknown): void },
  env: Record<string, string> = {},
  { requestTimeout, log = createTestLog() }: { requestTimeout?: number; log?: TestLog } = {}
): Promise<Service> {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const door = httpDoor(
    app => {
      app.post('/take', async () => 'taken')
      app.get('/tell', async ({ ip, host, protocol }) => ({ ip, host, protocol }))
    },
    { server: { bodyLimit: 1_000, ...(requestTimeout === undefined ? {} : { requestTimeout }) } }
  )
  const config = parseConfig(spec, { NATS_URL: nats.url, ...env })
  const options = { name: 'door', description: 'test', config, log }
  const service = createService({ ...options, parts: () => [door] })
  t.teardown(() => service.stop())
  await service.start()
  return service
}

/** Sends bytes and gives what came until the service closed the connection. */
async function exchange(service: Service, ...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(Number(new URL(service.address()).port), '127.0.0.1')
  for (const part of parts) socket.write(part)
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  socket.on('error', error => {
    text += error.message
  })
  await once(socket, 'close')
  return text
}

const get = (service: Service, path: string, headers: string): Promise<string> =>
  exchange(service, `GET ${path} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`)

t.test('a body that is too large is refused before it is through, and the answer arrives', async t => {
  const service = await serviceWith(t)
  const body = Buffer.alloc(20 << 20, 0x20)
  const head =
    'POST /take HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n'
  for (let i = 0; i < 5; i++) {
    const answer = await fetch(`${service.address()}/take`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })
    t.equal(answer.status, 413)
    t.match(await answer.json(), { error: { code: 'NET_TOO_LARGE', facts: { limitBytes: 1_000 } } })
    const length = `${head}Content-Length: ${body.length}\r\n\r\n`
    t.match(await exchange(service, length, body), /^HTTP\/1\.1 413 [\s\S]*NET_TOO_LARGE/)
    const chunk = `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`
    t.match(await exchange(service, chunk, body, '\r\n0\r\n\r\n'), /^HTTP\/1\.1 413 [\s\S]*NET_TOO_LARGE/)
  }
})

t.test('a request that comes too slowly is cut off at its limit, with a code', async t => {
  const service = await serviceWith(t, {}, { requestTimeout: 1_000 })
  const began = performance.now()
  const text = await exchange(
    service,
    'POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
  )
  t.match(text, /^HTTP\/1\.1 408 [\s\S]*NET_TOO_SLOW/)
  t.ok(performance.now() - began < 14_000, 'its own limit, not the one of other doors or the 30 s of Node')
})

t.test('the door answers to its own names and those it is told, the probes to any', async t => {
  const service = await serviceWith(t, { HOSTS: 'love.example, Meridian.example' })
  const ours = ['localhost', '127.0.0.1:8080', '[::1]:1', hostname(), 'LOVE.example:443', 'meridian.example.']
  for (const host of ours) t.match(await get(service, '/tell', `Host: ${host}`), /^HTTP\/1\.1 200 /, host)
  for (const host of ['evil.example', 'localhost.evil.example', '10.1.2.3', 'love.example.evil'])
    t.match(await get(service, '/tell', `Host: ${host}`), /^HTTP\/1\.1 421 [\s\S]*NET_BAD_HOST/, host)
  for (const path of ['/livez', '/readyz', '/startupz', '/metrics', '/version'])
    t.match(await get(service, path, 'Host: 10.1.2.3:9000'), /^HTTP\/1\.1 200 /, path)
  t.match(await get(service, '/nowhere', 'Host: evil.example'), /^HTTP\/1\.1 421 /)
})

t.test('a name that would match nothing ends the start', async t => {
  for (const name of ['http://love.example', 'love.example:443', 'a b'])
    t.throws(
      () => createHostCheck({ names: `x.example,${name}`, listenOn: '127.0.0.1' }),
      { code: 'CFG_INVALID' },
      name
    )
})

t.test('what a proxy says counts only where the proxy is trusted, and its host must be ours too', async t => {
  const said = 'X-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host:'
  const alone = await serviceWith(t)
  t.match(
    await get(alone, '/tell', `Host: localhost\r\n${said} evil.example`),
    /"ip":"127\.0\.0\.1","host":"localhost","protocol":"http"/
  )
  const behind = await serviceWith(t, { TRUSTED_PROXIES: 'loopback', HOSTS: 'love.example' })
  t.match(
    await get(behind, '/tell', `Host: localhost\r\n${said} love.example`),
    /"ip":"10\.1\.1\.1","host":"love\.example","protocol":"https"/
  )
  for (const of of ['HTTPS,http', 'https, http'])
    t.match(
      await get(behind, '/tell', `Host: localhost\r\nX-Forwarded-Proto: ${of}`),
      '"protocol":"https"',
      `two proxies: ${of}`
    )
  t.match(await get(alone, '/tell', 'Host: localhost\r\nX-Forwarded-Proto: https,http'), '"protocol":"http"')
  t.match(await get(behind, '/tell', `Host: localhost\r\n${said} evil.example`), 'NET_BAD_HOST')
  t.match(await get(behind, '/tell', `Host: evil.example\r\n${said} localhost`), 'NET_BAD_HOST')
  await t.rejects(serviceWith(t, { TRUSTED_PROXIES: 'somebody' }), {
    code: 'CFG_INVALID',
    message: /TRUSTED_PROXIES/
  })
})

t.test('what a trusted proxy passes on as an address and is none counts as its own, and is told', async t => {
  const log = createTestLog()
  const behind = await serviceWith(t, { TRUSTED_PROXIES: 'loopback,10.9.9.9' }, { log })
  const ipOf = async (text: string): Promise<string | undefined> =>
    /"ip":"([^"]*)"/.exec(await get(behind, '/tell', `Host: localhost\r\nX-Forwarded-For: ${text}`))?.[1]
  for (const [text, ip] of [
    ['198.51.100.7', '198.51.100.7'],
    ['junk, 198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['198.51.100.7:50123', '198.51.100.7'],
    ['[2001:db8::7]:50123', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['x'.repeat(9_000), '127.0.0.1'],
    [`fe80::1%${'x'.repeat(60)}`, '127.0.0.1'],
    ['unknown', '127.0.0.1'],
    ['198.51.100.7, unknown', '127.0.0.1'],
    ['unknown, 10.9.9.9', '10.9.9.9']
  ] as const)
    t.equal(await ipOf(text), ip, text.slice(0, 40))
  t.match(await get(behind, '/metrics', 'Host: localhost'), /meridian_http_bad_forwarded_total\{[^}]*\} 5\n/)
  const told = log.records.filter(({ msg }) => msg === 'X-Forwarded-For of a proxy holds no address')
  t.match(told, [{ proxy: '127.0.0.1' }, { proxy: '10.9.9.9', came: "'unknown'" }])
  t.ok(told.every(({ came }) => String(came).length < 100))
})

t.test('a proxy that is not named is told once for each address, one that is believed never', async t => {
  const told = (log: TestLog): unknown[] =>
    log.records.filter(({ msg }) => msg.includes('TRUSTED_PROXIES')).map(({ address }) => address)
  const said = 'Host: localhost\r\nX-Forwarded-For: 127.0.0.1'
  const [alone, behind] = [createTestLog(), createTestLog()]
  const strange = await serviceWith(t, {}, { log: alone })
  for (let n = 0; n < 3; n++) await get(strange, '/tell', said)
  t.same(told(alone), ['127.0.0.1'])
  const named = await serviceWith(t, { TRUSTED_PROXIES: 'loopback' }, { log: behind })
  await get(named, '/tell', said)
  await get(named, '/tell', 'Host: localhost')
  t.same(told(behind), [])
})

t.test('every answer of a door tells browsers not to frame, sniff or extend it', async t => {
  const service = await serviceWith(t)
  for (const [path, status] of [
    ['/tell', 200],
    ['/nowhere', 404]
  ] as const) {
    const { headers, ...answer } = await fetch(`${service.address()}${path}`)
    t.match(headers.get('content-security-policy'), "frame-ancestors 'none'", `${path} ${status}`)
    t.equal(headers.get('x-content-type-options'), 'nosniff', answer.statusText)
  }
})

// What Node or Fastify would answer by itself, some of it without a word.
const UNREAD: readonly (readonly [request: string, sentence: string])[] = [
  ['hello\r\n\r\n', 'what came is not HTTP/1.1'],
  ['GET /% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', "'/%' is not a valid url component"],
  [
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    'headers of the request are too large'
  ],
  [`GET /${'x'.repeat(20_000)}`, 'address of the request is too long'],
  ['GET /tell HTTP/1.1\r\nConnection: close\r\n\r\n', "header 'host' is missing"],
  [
    'GET /tell HTTP/1.1\r\nHost: localhost\r\nHOST: evil.example\r\nConnection: close\r\n\r\n',
    "header 'host' came 2 times; expected: once"
  ],
  [
    'POST /take HTTP/1.1\r\nHost: localhost\r\nExpect: a-cake\r\nContent-Length: 0\r\n\r\n',
    "'expect' is 'a-cake'"
  ]
]

t.test('what no route reads is refused with a code and a sentence, and with the same headers', async t => {
  const service = await serviceWith(t)
  for (const [request, sentence] of UNREAD) {
    const answer = await exchange(service, request)
    t.match(answer, /^HTTP\/1\.1 4\d\d [\s\S]*"code":"NET_/, sentence)
    t.ok(answer.includes(sentence), answer)
    t.match(answer, /x-content-type-options: nosniff/i, sentence)
    t.match(answer, /frame-ancestors 'none'/, sentence)
  }
  t.match(await exchange(service, 'GET /livez HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
})
