/** The front with a certificate of the local CA: HTTPS and wss alone, and a way there for whoever comes in the clear. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { connect as connectInTheClear } from 'node:net'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { ensureBrokerKeys } from '../start/broker-keys.ts'
import { caFileOf, frontFilesOf } from '../start/key-files.ts'
import { backend, frontOver, open, told, urlOf } from './test-front.ts'
import { createTlsServer } from './tls-door.ts'

async function secureFront(
  t: Test,
  routes: (asked: string) => string = asked => `/=${asked}`,
  requestMs = 12_000
) {
  const { folder } = ensureBrokerKeys(t.testdir(), 'hill', ['meridian.example', '[::1]:8080', '10.1.2.3'])
  const server = createServer((request, response) => response.end(told(request)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const { certFile, keyFile } = frontFilesOf(folder)
  const tls = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  const front = await frontOver(t, routes(urlOf(server)), requestMs, tls)
  return { front, ca: readFileSync(caFileOf(folder)), address: front.address() }
}

async function ask(url: string, options: RequestOptions = {}) {
  const sent = request(url, { agent: false, ...options }).end()
  const [answer] = await once(sent, 'response')
  const text = Buffer.concat(await answer.toArray()).toString()
  return { status: answer.statusCode as number, headers: answer.headers, text }
}

t.test('what is behind is told that the client came by TLS, whatever the client says', async t => {
  const { ca, address } = await secureFront(t)
  t.match(address, /^https:/)
  const { text } = await ask(`${address}/api/me`, { ca, headers: { 'x-forwarded-proto': 'http' } })
  t.match(JSON.parse(text), { url: '/api/me', 'x-forwarded-proto': 'https', 'x-forwarded-host': /127/ })
  await t.rejects(ask(address), { code: /CERT|SELF_SIGNED|UNABLE_TO/ }, 'who does not trust the CA')
  for (const servername of ['localhost', 'meridian.example'])
    t.equal((await ask(address, { ca, servername, headers: { host: servername } })).status, 200, servername)
  await t.rejects(ask(address, { ca, servername: 'other.example' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

t.test('WebSocket goes over it, and an upgrade that nobody serves is answered as any other', async t => {
  const gateway = await backend('gateway')
  t.teardown(() => gateway.close())
  const { ca, address } = await secureFront(t, api => `/live=${urlOf(gateway)} /=${api}`)
  const socket = new WebSocket(`${address.replace('https', 'wss')}/live`, { ca })
  await once(socket, 'open')
  socket.send('who')
  const [data] = await once(socket, 'message')
  t.equal(String(data), 'gateway who')
  socket.terminate()
  const { hostname, port } = new URL(address)
  const h2c = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] })
  t.teardown(() => h2c.destroy())
  h2c.write('GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n')
  t.match(Buffer.concat(await h2c.toArray()).toString(), /^HTTP\/1\.1 200 OK[\s\S]*"url":"\/a"/)
})

t.test('in the clear nobody is served: who reads is sent on, all else is refused', async t => {
  const { address, front } = await secureFront(t)
  const clear = address.replace('https', 'http')
  const page = await fetch(`${clear}/api/me?a=1`, { redirect: 'manual' })
  t.equal(page.status, 308)
  t.equal(page.headers.get('location'), `${address}/api/me?a=1`)
  const posted = await fetch(`${clear}/api/session`, { method: 'POST', body: '{}' })
  t.equal(posted.status, 403)
  t.match(await posted.json(), { error: { code: 'NET_INSECURE', canRetry: false, message: /ask https:/ } })
  t.match(await (await fetch(`${clear}/front/livez`)).json(), { live: true })
  const elsewhere = open(t, front)
  elsewhere.socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n')
  t.match(await elsewhere.heard('}}'), /^HTTP\/1\.1 403 [\s\S]*NET_INSECURE/, 'not sent to a host of others')
  const upgrading = open(t, front)
  upgrading.socket.write(
    'GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  )
  t.match(await upgrading.heard('}}'), /^HTTP\/1\.1 403 [\s\S]*NET_INSECURE/)
  const junk = open(t, front)
  junk.socket.write('\x16\x03hello')
  await once(junk.socket, 'close')
  t.equal((await fetch(`${clear}/front/livez`)).status, 200, 'and the front goes on')
})

t.test('a request that is too slow is ended, with TLS and in the clear', async t => {
  const { front, ca, address } = await secureFront(t, asked => `/=${asked}`, 1_000)
  const { port, hostname } = new URL(address)
  const secure = connect({ port: Number(port), host: hostname, ca })
  t.teardown(() => secure.destroy())
  secure.on('error', () => {})
  await once(secure, 'secureConnect')
  secure.write('POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{')
  const inTheClear = open(t, front)
  inTheClear.socket.write('GET /slow HTTP/1.1\r\nHost: local')
  t.match(Buffer.concat(await secure.toArray()).toString(), /HTTP\/1\.1 408 [\s\S]*NET_TOO_SLOW/)
  t.match(await inTheClear.heard('}}'), /^HTTP\/1\.1 408 [\s\S]*NET_TOO_SLOW/)
  const idle = connect({ port: Number(port), host: hostname, ca })
  t.teardown(() => idle.destroy())
  idle.on('error', () => {})
  await once(idle.resume(), 'close')
  t.pass('one that asks nothing is ended as well')
})

t.test('426 says which upgrade is required, through the front too', async t => {
  const server = createServer((_request, response) =>
    response.writeHead(426, { upgrade: 'websocket', connection: 'upgrade' }).end('{}')
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const front = await frontOver(t, `/=${urlOf(server)}`)
  const answer = await fetch(`${front.address()}/live`)
  t.equal(answer.status, 426)
  t.equal(answer.headers.get('upgrade'), 'websocket')
})

t.test('a handshake of TLS that does not go on is ended', async t => {
  const { folder } = ensureBrokerKeys(t.testdir(), 'hill')
  const { certFile, keyFile } = frontFilesOf(folder)
  const tls = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  const server = createTlsServer(tls, 12_000, 200)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = connectInTheClear(Number(new URL(urlOf(server)).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('\x16\x03\x01')
  await once(socket, 'close')
})
