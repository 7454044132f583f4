import { once } from 'node:events'
import { createPublicationLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket } from 'ws'
import { startGatewayInside } from '../test/gateway-inside.ts'
import { metricsOf } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { faultsOf, movesOf, NO_FAULTS, spreadOf, startClients } from '../test/moving-clients.ts'
import { startObservatory } from '../test/observatory.ts'

const CLIENTS = 20
const TOPIC = 'evt.summit.MTMount.0.n'
const WAIT_MS = 60_000

const site = await startObservatory()
t.teardown(() => site.stop())

t.test('clients spread over a gateway that comes later, lose nothing, and none sees it', async t => {
  const log = createPublicationLog()
  const put = async (n: number): Promise<void> => {
    log.published(TOPIC, String(n), await site.put(TOPIC, { n }))
  }
  // So few that the connections decide, however busy the event loop is that both gateways share here.
  const settings = { NAME: 'first', MOVE_DEADLINE_MS: '20000', TARGET_CONNECTIONS: '8' }
  const first = await startGatewayInside(t, site.nats.url, settings)
  const gateways = [first]
  let turn = 0
  const url = (): string => `ws://127.0.0.1:${gateways[turn++ % gateways.length]?.port}/live`
  const clients = startClients({ count: CLIENTS, url, pattern: TOPIC, log })
  t.teardown(() => {
    for (const { client } of clients) client.close()
  })
  await waitFor(() => clients.every(({ isLive }) => isLive), { what: 'all to be live', timeoutMs: WAIT_MS })
  await put(0)
  gateways.push(await startGatewayInside(t, site.nats.url, { ...settings, NAME: 'second' }))
  const spread = (): number[] => spreadOf(clients, ['first', 'second'])
  let n = 1
  await waitFor(
    async () => {
      await put(n++)
      return (spread()[0] ?? CLIENTS) <= CLIENTS / 2 + 2
    },
    { what: 'them to be spread', timeoutMs: WAIT_MS }
  )
  await put(n)
  await waitFor(() => clients.every(({ history }) => history.report().lost.length === 0), {
    what: 'the last value to be everywhere',
    timeoutMs: WAIT_MS
  })
  t.match(faultsOf(clients), NO_FAULTS)
  t.ok(
    clients.every(({ codes }) => codes.length <= 1),
    'nobody moves twice'
  )
  t.same([...new Set(clients.flatMap(({ states }) => [...states]))], ['live'], 'a page sees nothing of it')
  t.match(await metricsOf(first.port), /meridian_gateway_moves_total\{[^}]*reason="rebalance"[^}]*\} [1-9]/)
  t.match(await metricsOf(first.port), /meridian_gateway_peers\{[^}]*\} 1/)
  t.ok(movesOf(clients) >= CLIENTS / 2 - 2)
  site.say('gw.summit.load', Buffer.from('{"id":"x"}'))
  await waitFor(async () => /meridian_gateway_bad_loads_total\{[^}]*\} 1/.test(await metricsOf(first.port)), {
    what: 'nonsense to be counted',
    timeoutMs: WAIT_MS
  })
})

t.test('a client that is too old is asked to connect anew, and closed where it does not', async t => {
  const gateway = await startGatewayInside(t, site.nats.url, { MAX_AGE_MS: '100', MOVE_DEADLINE_MS: '300' })
  const client = await LiveClient.open(gateway.port)
  t.match(await client.next('reconnect'), { reason: 'maxage', deadlineMs: 300 })
  t.same(await client.whenClosed(), { code: 1012, reason: 'GTW_MOVE_OVERDUE' })
  t.equal(client.all('reconnect').length, 1, 'it is asked once')
  t.match(await metricsOf(gateway.port), /meridian_gateway_moves_overdue_total\{[^}]*\} 1/)
})

t.test('a page that finds no room is told on an open connection, a program by HTTP', async t => {
  const gateway = await startGatewayInside(t, site.nats.url, { MAX_CONNECTIONS: '1', MAX_AGE_MS: '0' })
  const staying = await LiveClient.open(gateway.port)
  await staying.next('welcome')
  const origin = `http://127.0.0.1:${gateway.port}`
  for (const codec of ['json', 'msgpack'] as const) {
    const page = await LiveClient.open(gateway.port, codec, { origin })
    t.match((await page.next('error')).error, { code: 'GTW_FULL', facts: { limit: 1 } })
    t.match(await page.next('reconnect'), { reason: 'overload' })
    t.same(await page.whenClosed(), { code: 1013, reason: 'GTW_FULL' })
    t.same(page.all('welcome'), [], 'it is not greeted')
  }
  const program = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`, ['meridian.v1.json'])
  program.on('error', () => {})
  const [, { statusCode, headers }] = await once(program, 'unexpected-response')
  t.match([statusCode, headers['retry-after']], [503, '1'])
  t.match(await metricsOf(gateway.port), /meridian_gateway_refused_total\{[^}]*code="GTW_FULL"[^}]*\} 3/)
  staying.ws.close()
})

t.test('more connections than allowed in a second wait for their turn', async t => {
  // Two a second, and who would wait for longer than five seconds is refused: of 40 that come within seconds, many are.
  const gateway = await startGatewayInside(t, site.nats.url, { MAX_ACCEPTS_PER_SECOND: '2' })
  const clients = Array.from({ length: 40 }, () => new LiveClient(gateway.port))
  const refused = (): LiveClient[] => clients.filter(client => client.closed !== undefined)
  const served = (): LiveClient[] => clients.filter(client => client.all('welcome').length > 0)
  await waitFor(() => refused().length + served().length === clients.length, {
    what: 'everybody is served or refused',
    timeoutMs: WAIT_MS
  })
  t.ok(refused().length > 0, `${refused().length} are refused`)
  t.ok(served().length >= 12, `${served().length} are served: two at once, the others in their turn`)
  const metrics = await metricsOf(gateway.port)
  t.match(metrics, new RegExp(`refused_total\\{[^}]*code="GTW_TOO_MANY_AT_ONCE"[^}]*\\} ${refused().length}`))
  t.match(metrics, /meridian_gateway_accepts_waited_total\{[^}]*\} [1-9]/)
  for (const client of served()) client.ws.close()
})
