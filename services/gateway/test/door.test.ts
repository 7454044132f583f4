import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { createService, parseConfig, type Service } from '@meridian/service'
import { createTestLog, freePort, waitFor } from '@meridian/testing'
import t from 'tap'
import { spec } from '../src/config.ts'
import { gatewayParts } from '../src/gateway.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())

function gatewayOf(settings: Record<string, string>): Service {
  const config = parseConfig(spec, { NATS_URL: site.nats.url, DRAIN_MS: '2000', ...settings })
  const log = createTestLog()
  const parts = () => gatewayParts(config, log)
  return createService({
    name: 'gateway',
    description: spec.summary,
    config,
    log,
    readyWithoutBroker: true,
    parts
  })
}

const portOf = (gateway: Service): number => Number(new URL(gateway.address()).port)

interface Refusal {
  readonly status: number
  readonly head: string
  readonly error: { readonly code: string }
}

/**
 * Asks for an upgrade by hand and reads until the gateway hangs up; `half` ends our own side at once, as some
 * proxies do.
 */
async function refusalOf(
  gateway: Service,
  { path = '/live', headers = {}, half = false }: { path?: string; headers?: object; half?: boolean } = {}
): Promise<Refusal> {
  const all = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'meridian.v1.json',
    ...headers
  }
  const socket = connect({ port: portOf(gateway), host: '127.0.0.1', allowHalfOpen: true })
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  if (half) socket.end()
  let text = ''
  socket.on('data', chunk => {
    text += chunk
  })
  await once(socket, 'end')
  socket.destroy()
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, ...(JSON.parse(body) as Pick<Refusal, 'error'>) }
}

t.test('before the streams are read an upgrade is refused with a code, and the probes answer', async t => {
  const gateway = gatewayOf({ NATS_URL: `nats://127.0.0.1:${await freePort()}` })
  const started = gateway.start()
  t.teardown(() => gateway.stop())
  await waitFor(() => gateway.address() !== '' && !gateway.readiness().ready, { what: 'the server listens' })
  await waitFor(async () => (await fetch(`${gateway.address()}/livez`)).ok, { what: 'it lives' })
  t.match(await refusalOf(gateway), {
    status: 503,
    head: /connection: close[\s\S]*/i,
    error: { code: 'GTW_NOT_READY', canRetry: true }
  })
  t.match((await refusalOf(gateway)).head, /retry-after: 1/i)
  await gateway.stop()
  await started
})

t.test('whatever asks at the door gets a coded answer, and its connection is ended', async t => {
  const gateway = gatewayOf({ MAX_CONNECTIONS: '2' })
  await gateway.start()
  t.teardown(() => gateway.stop())
  const address = gateway.address()

  await t.test('a request that is no upgrade', async t => {
    const plain = await fetch(`${address}/live`)
    t.equal(plain.status, 426)
    t.equal(plain.headers.get('upgrade'), 'websocket')
    t.match(plain.headers.get('content-security-policy'), "frame-ancestors 'none'")
    t.match(await plain.json(), { error: { code: 'GTW_UPGRADE_REQUIRED', canRetry: false } })
    t.equal((await fetch(`${address}/live`, { method: 'POST' })).status, 405)
    t.match(await (await fetch(`${address}/nowhere`)).json(), { error: { code: 'NET_NO_ROUTE' } })
  })

  await t.test('an upgrade that is not served here', async t => {
    const cases: [Parameters<typeof refusalOf>[1], number, string][] = [
      [{ path: '/other' }, 400, 'GTW_BAD_UPGRADE'],
      [{ path: '/livez' }, 400, 'NET_BAD_REQUEST'],
      [{ path: '/%' }, 400, 'NET_BAD_REQUEST'],
      ...[
        { 'Sec-WebSocket-Protocol': 'graphql' },
        { 'Sec-WebSocket-Protocol': 'meridian.v1.json, meridian.v1.json' },
        { 'Sec-WebSocket-Protocol': 'meridian.v1.json,' },
        { 'Sec-WebSocket-Protocol': 'meridian.v1.json;q=1, meridian.v1.json' },
        { 'Sec-WebSocket-Key': 'short' },
        { 'Sec-WebSocket-Version': '7' },
        { Upgrade: 'h2c' }
      ].map((headers): [{ headers: object }, number, string] => [{ headers }, 400, 'GTW_BAD_UPGRADE']),
      [{ headers: { Host: 'evil.example', Origin: 'http://evil.example' } }, 421, 'NET_BAD_HOST'],
      [{ headers: { Origin: 'https://evil.example' } }, 403, 'GTW_BAD_ORIGIN'],
      [{ headers: { Origin: 'https://evil.example' }, half: true }, 403, 'GTW_BAD_ORIGIN']
    ]
    for (const [request, status, code] of cases)
      t.match(await refusalOf(gateway, request), { status, error: { code } }, JSON.stringify(request))
    const metrics = await (await fetch(`${address}/metrics`)).text()
    t.match(metrics, /meridian_gateway_refused_total\{[^}]*code="GTW_BAD_ORIGIN"[^}]*\} 2/)
    t.match(metrics, /meridian_gateway_refused_total\{[^}]*code="GTW_BAD_UPGRADE"[^}]*\} 8/)
  })

  await t.test('more connections than there is room for, though they ask at the same moment', async t => {
    const clients = Array.from({ length: 5 }, () => new LiveClient(portOf(gateway)))
    await waitFor(() => clients.filter(client => client.closed !== undefined).length === 3, {
      what: 'three are refused'
    })
    t.match(await refusalOf(gateway), { status: 503, error: { code: 'GTW_FULL', facts: { limit: 2 } } })
    const staying = clients.filter(client => client.closed === undefined)
    for (const client of staying) await client.next('welcome')
    t.equal(staying.length, 2)
    for (const client of staying) client.ws.close()
  })
})

t.test(
  'while it drains it refuses upgrades with a code, answers probes, and ends when the last is gone',
  async t => {
    const gateway = gatewayOf({ DRAIN_MS: '20000' })
    await gateway.start()
    const client = await LiveClient.open(portOf(gateway))
    const stopped = gateway.stop()
    t.match(await client.next('reconnect'), { reason: 'drain' })
    t.match(await refusalOf(gateway), { status: 503, error: { code: 'GTW_DRAINING' } })
    const readyz = await fetch(`${gateway.address()}/readyz`)
    t.match([readyz.status, await readyz.json()], [503, { why: 'stopping' }])
    client.ws.close()
    await stopped
    t.ok(client.closed?.code !== 1012, 'nobody had to be closed')
  }
)

t.test('the door and the frame adapter use the same ws', t => {
  const own = createRequire(import.meta.url)
  const plugin = createRequire(own.resolve('@fastify/websocket'))
  t.equal(plugin.resolve('ws'), own.resolve('ws'))
  t.end()
})
