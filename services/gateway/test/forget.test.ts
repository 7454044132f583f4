import { encodeForgetMessage, readForgetMessage, removeSubjects } from '@meridian/broker'
import { forgetOf, forgetsOf, removalsOf } from '@meridian/subjects'
import { startLink, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { forgetComponent } from '../../../scripts/forget/forget-component.ts'
import { type GatewayInside, startGatewayInside } from './gateway-inside.ts'
import { LiveClient } from './live-client.ts'
import { type Observatory, startObservatory } from './observatory.ts'

// What `pnpm forget` does, against gateways and a real broker; the command itself as a process: test-full.
const rogue = (index: number): string => `evt.summit.MTMount.${index}.summaryState`
const mount = (index: number) => ({ site: 'summit', csc: 'MTMount', index })
const told = 'evt.summit.Liveness.0.forgotten'
const everything = { id: 1, patterns: [{ pattern: 'evt.summit.>' }, { pattern: 'tel.summit.>' }] }

async function setUp(t: Test): Promise<Observatory> {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  return site
}

/** A new client of everything, once it has its last values. */
async function fresh(t: Test, { port }: GatewayInside): Promise<LiveClient> {
  const client = await LiveClient.open(port)
  t.teardown(() => client.ws.close())
  client.send({ op: 'subscribe', ...everything })
  await client.next('live')
  return client
}

const isForgotten = ({ log }: GatewayInside, index: number): boolean =>
  log.records.some(record => record.msg === 'component is forgotten' && record['index'] === index)

t.test('a component is forgotten by streams and gateways, and that makes no gap for anybody', async t => {
  const site = await setUp(t)
  await site.put(rogue(0))
  const gateway = await startGatewayInside(t, site.nats.url, { RING_MS: '60000' })
  const client = await fresh(t, gateway)
  const { cursor } = client
  for (let n = 0; n < 3; n++) for (const index of [0, 5, 6]) await site.put(rogue(index))
  await site.put('tel.summit.MTMount.5.azimuth')
  await site.put('hb.summit.MTMount.5')
  await client.hasSeen(11)

  t.same(await forgetComponent(site.broker, mount(5)), { TEL: 2, EVT: 3 })
  t.same(await forgetComponent(site.broker, mount(6)), { TEL: 0, EVT: 3 })
  await waitFor(() => isForgotten(gateway, 6), { what: 'it is forgotten' })

  await client.hasSeen(13)
  t.match(
    client.seen.slice(-2),
    [5, 6].map(index => ({ subject: told, fields: { component: 'MTMount', index } })),
    'clients that stay are told'
  )

  t.same([...(await fresh(t, gateway)).subjects.values()], [rogue(0), told])
  const restarted = await startGatewayInside(t, site.nats.url)
  for (const one of [gateway, restarted]) {
    const back = await LiveClient.open(one.port)
    back.send({ op: 'resume', cursor, subscriptions: [everything] })
    t.match(await back.next('resumed'), { streams: { EVT: 'resumed' } })
    await back.next('live')
    t.same([...new Set(back.seen.map(({ subject }) => subject))], [rogue(0), told])
    t.equal(back.seen.length, 5)
    back.ws.close()
  }
  await site.put(rogue(0))
  await client.hasSeen(14)
  t.same(client.all('gap'), [])

  await site.put(rogue(5), { n: 'again' })
  await client.hasSeen(15)
  t.match(client.seen.at(-1), { subject: rogue(5), fields: { n: 'again' } }, 'what it says now is news')
})

t.test(
  'a gateway that had no broker when a component was forgotten learns of it when it is back',
  async t => {
    const site = await setUp(t)
    const link = await startLink(site.nats.port)
    t.teardown(() => link.stop())
    const gateway = await startGatewayInside(t, `127.0.0.1:${link.port}`)
    for (const index of [0, 5]) await site.put(rogue(index))
    await site.put('tel.summit.MTMount.5.azimuth')
    const client = await fresh(t, gateway)
    await client.hasSeen(3)
    link.cut()
    t.match(await client.next('broker'), { broker: 'lost' })
    await forgetComponent(site.broker, mount(5))
    await site.put(rogue(7))
    link.mend()
    await client.hasSeen(5)
    const ended = (): unknown[] => gateway.log.records.filter(({ msg }) => /topics any more/.test(msg))
    await waitFor(() => ended().length === 2, { what: 'topics of both streams end' })
    t.match(ended(), [{ topics: 1 }, { topics: 1 }])
    t.same([...(await fresh(t, gateway)).subjects.values()], [rogue(0), told, rogue(7)])
    t.same(client.all('gap'), [], 'it had read all that was removed')
  }
)

t.test('what a gateway without a broker never read of a forgotten component is no gap', async t => {
  const site = await setUp(t)
  const link = await startLink(site.nats.port)
  t.teardown(() => link.stop())
  const gateway = await startGatewayInside(t, `127.0.0.1:${link.port}`)
  await site.put(rogue(0))
  const client = await fresh(t, gateway)
  const { cursor } = client
  const telemetry = (index: number): string => `tel.summit.MTMount.${index}.azimuth`
  link.cut()
  t.match(await client.next('broker'), { broker: 'lost' })
  for (const index of [0, 5, 5, 0, 5]) {
    await site.put(rogue(index), { n: index })
    await site.put(telemetry(index), { n: index })
  }
  t.same(await forgetComponent(site.broker, mount(5)), { TEL: 3, EVT: 3 })
  await site.put(telemetry(0))
  const lost = await site.put(rogue(7))
  link.mend()
  await waitFor(() => client.seen.some(({ seq }) => seq === lost), { what: 'it is back' })
  t.same(client.all('gap'), [])
  const back = await LiveClient.open(gateway.port)
  t.teardown(() => back.ws.close())
  back.send({ op: 'resume', cursor, subscriptions: [everything] })
  t.match(await back.next('resumed'), { streams: { EVT: 'resumed' } })

  link.cut()
  t.match(await client.next('broker', 3), { broker: 'lost' })
  const [first, other, last] = [await site.put(rogue(5)), await site.put(rogue(0)), await site.put(rogue(5))]
  await site.jetstream('STREAM.MSG.DELETE.EVT', { seq: other })
  await forgetComponent(site.broker, mount(5))
  link.mend()
  t.match(await client.next('gap'), { stream: 'EVT', from: other, to: other }, `${first} to ${last}`)
})

t.test('what is stored behind the removal, before gateways hear of it, is kept', async t => {
  const site = await setUp(t)
  await site.put(rogue(0))
  const gateway = await startGatewayInside(t, site.nats.url)
  const client = await fresh(t, gateway)
  const { cursor } = client
  for (let n = 0; n < 3; n++) await site.put(rogue(5))
  const filters = ['evt.summit.MTMount.5.>']
  const { upTo } = await removeSubjects(site.broker, { stream: 'EVT', filters, noteOn: removalsOf('summit') })
  const seq = await site.put(rogue(5), { n: 'since' })
  await client.hasSeen(5)
  const message = encodeForgetMessage({ component: 'MTMount', index: 5, upTo: { EVT: upTo } })
  site.broker.publish(forgetOf(mount(5)), message)
  await waitFor(() => isForgotten(gateway, 5), { what: 'it is forgotten' })
  t.same([...(await fresh(t, gateway)).subjects.values()], [rogue(0), rogue(5)])
  const back = await LiveClient.open(gateway.port)
  t.teardown(() => back.ws.close())
  back.send({ op: 'resume', cursor, subscriptions: [everything] })
  t.match(await back.next('resumed'), { streams: { EVT: 'resumed' } })
  await back.next('live')
  t.match(back.seen, [{ seq, fields: { n: 'since' } }])
  t.equal(back.seen.length, 1)
})

t.test('the message to gateways says up to where was removed', async t => {
  const site = await setUp(t)
  const said: string[] = []
  const subscription = site.broker.subscribe(forgetsOf('summit'), message => said.push(message.text()))
  t.teardown(() => subscription.unsubscribe())
  await site.broker.flush()
  const seq = await site.put(rogue(5))
  await forgetComponent(site.broker, mount(5))
  await waitFor(() => said.length === 1, { what: 'it is said' })
  t.match(readForgetMessage({ subject: forgetOf(mount(5)), text: said[0] as string }).upTo, {
    TEL: 0,
    EVT: seq
  })
})

t.test('a process of Meridian that beats is not forgotten', async t => {
  const site = await setUp(t)
  const producer = { site: 'summit', csc: 'Producer', index: 3 }
  const carries = 'evt.summit.Producer.3.carries'
  await site.put(carries)
  const timer = setInterval(() => site.say('hb.summit.Producer.3'), 200)
  t.teardown(() => clearInterval(timer))
  await t.rejects(forgetComponent(site.broker, producer), {
    code: 'RUN_STILL_RUNNING',
    message: /Producer:3/
  })
  clearInterval(timer)
  t.match(await forgetComponent(site.broker, producer), { EVT: 1 }, 'once it has ended')
})
