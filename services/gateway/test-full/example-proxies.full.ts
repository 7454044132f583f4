/** The proxies of docs/examples, as an operator begins with them: both doors, the client's address, and a gateway that goes. */
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { EventClient } from '../test/event-client.ts'
import { startGatewayInside } from '../test/gateway-inside.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'
import { type Balancer, balancers, startBalancer, whyNot } from './balancers.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const TOPIC = 'evt.summit.MTMount.0.state'
const settings = { TRUSTED_PROXIES: 'loopback', HOSTS: 'meridian.example', DRAIN_MS: '8000' }

for (const balancer of balancers.filter(({ program, isLeast }) => isLeast && program !== 'envoy'))
  t.test(`${balancer.program} from docs/examples`, { skip: whyNot(balancer) }, t => behind(t, balancer))

async function behind(t: Test, balancer: Balancer): Promise<void> {
  const gateways = await Promise.all([1, 2].map(() => startGatewayInside(t, site.nats.url, settings)))
  const proxy = await startBalancer(
    balancer,
    gateways.map(({ port }) => port)
  )
  t.teardown(() => proxy.stop())
  const lie = { 'x-forwarded-for': '203.0.113.9', host: 'meridian.example' }
  await waitFor(async () => (await new EventClient(proxy.port, 'topics=x', lie).ended()).status === 400, {
    what: 'its gateways to be there'
  })
  const reader = new EventClient(proxy.port, `topics=${TOPIC}`, lie)
  t.teardown(() => reader.close())
  await reader.next('live')
  const clients = await Promise.all(
    [1, 2, 3].map(() => LiveClient.open(proxy.port, 'json', { headers: lie }))
  )
  for (const { ws } of clients) t.teardown(() => ws.terminate())
  for (const client of clients) {
    client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: TOPIC }] })
    await client.next('live')
  }
  await site.put(TOPIC)
  for (const client of clients) await client.hasSeen(1)
  await reader.next('message')
  t.same(
    (await Promise.all(gateways.map(addressesOf))).map(({ length }) => length),
    [2, 2],
    'evenly'
  )
  t.same(
    [...new Set((await Promise.all(gateways.map(addressesOf))).flat())],
    ['127.0.0.1'],
    'the true address'
  )
  const foreign = await new EventClient(proxy.port, `topics=${TOPIC}`, { host: 'evil.example' }).ended()
  t.equal(foreign.status, 421)

  const [leaving, staying] = gateways
  const stopped = leaving?.service.stop()
  await waitFor(
    async () => {
      const next = await LiveClient.open(proxy.port, 'json', { headers: lie })
      t.teardown(() => next.ws.terminate())
      return (await next.next('welcome')).op === 'welcome'
    },
    { what: 'a connection while one gateway goes' }
  )
  t.ok((await addressesOf(staying)).length > 2, 'the other one has it')
  await stopped
}

async function addressesOf(gateway: { readonly port: number } | undefined): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${gateway?.port}/debug/clients`)
  const { clients } = (await answer.json()) as { readonly clients: readonly { readonly address: string }[] }
  return clients.map(({ address }) => address)
}
