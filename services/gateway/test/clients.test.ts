import { networkInterfaces } from 'node:os'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import type { ClientList } from '../src/client-list.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGatewayInside(t, site.nats.url, {
  HOST: '0.0.0.0',
  OPEN_TO_ALL: 'true',
  NAME: 'first',
  HOSTS: '*'
})
const one = await LiveClient.open(gateway.port)
t.teardown(() => one.ws.terminate())
const two = await LiveClient.open(gateway.port, 'json')
t.teardown(() => two.ws.terminate())
await Promise.all([one, two].map(client => client.next('welcome')))
const listAt = (host: string, query = '', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://${host}:${gateway.port}/debug/clients${query}`, { headers })
const list = async (query = ''): Promise<ClientList> =>
  (await (await listAt('127.0.0.1', query)).json()) as ClientList
const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as Refused).error.code

interface Refused {
  readonly error: { readonly code: string }
}

t.test('it tells who watches what, with which quality, and what was sent', async t => {
  const patterns = [
    { pattern: 'evt.summit.MTMount.>' },
    { pattern: 'tel.summit.MTMount.0.azimuth', quality: 'minmax', rate: 2, fields: ['n'] }
  ] as const
  one.send({ op: 'subscribe', id: 7, patterns })
  await one.next('live')
  await site.put('evt.summit.MTMount.0.logMessage')
  await one.hasSeen(1)
  const answer = await listAt('127.0.0.1')
  t.match(answer.headers.get('content-type'), /json/)
  const text = await answer.text()
  t.ok(text.split('\n').length > 20, 'it is laid out for people')
  const { clients, ...head } = JSON.parse(text) as ClientList
  t.match(head, { gateway: 'first', site: 'summit', total: 2, offset: 0, next: undefined })
  t.match(clients[0], {
    principal: 'anonymous',
    address: '127.0.0.1',
    protocol: 'msgpack',
    step: 'none',
    waitingBytes: 0,
    topics: 1,
    patterns: [
      { subscription: 7, pattern: 'evt.summit.MTMount.>', quality: 'all' },
      { subscription: 7, ...patterns[1] }
    ],
    morePatterns: 0,
    sent: { records: 1 }
  })
  t.ok(Math.abs(Date.parse(clients[0]?.since ?? '') - Date.now()) < 600_000)
  t.ok((clients[0]?.sent.frames ?? 0) >= 3, 'the welcome, the answer, the event')
  t.same(clients[1]?.patterns, [])
  t.match(clients[1], { protocol: 'json', topics: 0, sent: { frames: 1, records: 0 } })
})

t.test('it comes in pages, and of one connection only the first patterns are listed', async t => {
  const patterns = Array.from({ length: 25 }, (_, n) => ({ pattern: `tel.summit.Test.${n}.>` }))
  two.send({ op: 'subscribe', id: 1, patterns })
  await two.next('live')
  t.match(await list('?limit=1'), { total: 2, offset: 0, next: 1, clients: [{ protocol: 'msgpack' }] })
  const last = await list('?offset=1&limit=1')
  t.match(last, { total: 2, offset: 1, clients: [{ protocol: 'json', morePatterns: 5 }] })
  t.equal(last.next, undefined)
  t.equal(last.clients[0]?.patterns.length, 20)
  t.match(await list('?offset=5'), { total: 2, clients: { length: 0 } })
  for (const query of ['?limit=0', '?limit=101', '?offset=-1', '?offset=x', '?limit=1&limit=2', '?page=2'])
    t.equal(await codeOf(await listAt('127.0.0.1', query)), 'NET_BAD_REQUEST', query)
})

t.test('whoever is not on the machine is refused, and so is what was forwarded', async t => {
  const plain = [
    'x-forwarded-for',
    'x-forwarded',
    'x-forwarded-server',
    'x-forwarded-port',
    'x-original-forwarded-for'
  ]
  const ofProducts = ['x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'x-envoy-external-address']
  const ofNetworks = ['cf-connecting-ip', 'cf-connecting-ipv6', 'true-client-ip', 'fastly-client-ip']
  for (const name of ['forwarded', 'via', ...plain, ...ofProducts, ...ofNetworks]) {
    const answer = await listAt('127.0.0.1', '', { [name]: '127.0.0.1' })
    t.equal(answer.status, 403)
    t.equal(await codeOf(answer), 'NET_NOT_LOCAL', name)
  }
  t.equal((await listAt('127.0.0.1', '', { 'x-request-id': '1' })).status, 200, 'other headers say nothing')
  const own = Object.values(networkInterfaces())
    .flat()
    .find(found => found?.family === 'IPv4' && !found.internal)
  if (own === undefined) return t.comment('this machine has no address besides loopback')
  const answer = await listAt(own.address)
  t.equal(answer.status, 403)
  t.equal(await codeOf(answer), 'NET_NOT_LOCAL', `from ${own.address}`)
})

t.test('a trusted proxy on the machine does not make a request a local one', async t => {
  const trusting = await startGatewayInside(t, site.nats.url, { TRUSTED_PROXIES: 'loopback' })
  const url = `http://127.0.0.1:${trusting.port}/debug/clients`
  t.equal((await fetch(url)).status, 200)
  const answer = await fetch(url, { headers: { 'x-forwarded-for': '127.0.0.1' } })
  t.equal(await codeOf(answer), 'NET_NOT_LOCAL')
  await trusting.service.stop()
})

t.test('the nats tool finds it in $SRV and gets the same list over the broker', async t => {
  const ask = async (subject: string, body = ''): Promise<unknown> =>
    JSON.parse((await site.broker.request(subject, body, { timeoutMs: 5_000 })).text())
  t.match(await ask('$SRV.INFO.gateway'), { endpoints: [{ name: 'clients', subject: 'gw.summit.clients' }] })
  const page = await list('?offset=1&limit=1')
  t.same(await ask('gw.summit.clients', '{"offset":1,"limit":1}'), page)
  t.match(await ask('gw.summit.clients'), { gateway: 'first', total: 2, clients: [{}, {}] })
  const wrong = ['{"offset":', '[]1', '{"limit":101}', '{"offset":"1"}', ' '.repeat(300), 'null']
  for (const body of wrong)
    t.match(
      await ask('gw.summit.clients', body),
      { gateway: 'first', error: { code: 'NET_BAD_REQUEST' } },
      body
    )
  const requests = wrong.length + 2
  const counts = { num_requests: requests, num_errors: wrong.length }
  t.match(await ask('$SRV.STATS.gateway'), { endpoints: [counts] })
})

t.test('a client that left is not listed', async t => {
  two.ws.close()
  await waitFor(async () => (await list()).total === 1, { what: 'one client to be left' })
  t.match(await list(), { clients: [{ protocol: 'msgpack' }] })
})

t.test(
  'in open mode a token that somebody shows is answered without an end, in a number that JSON has',
  async t => {
    const { port } = await startGatewayInside(t, site.nats.url)
    for (const codec of ['json', 'msgpack'] as const) {
      const client = await LiveClient.open(port, codec)
      client.send({ op: 'authenticate', id: 1, token: 'x.y.z' })
      t.same(await client.next('authenticated'), { op: 'authenticated', id: 1 }, codec)
      client.ws.terminate()
    }
  }
)
