import { encodeMsgpack } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { waitFor } from '@meridian/testing'
import { systemClock } from '@meridian/time'
import t from 'tap'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const gateway = await startGatewayInside(t, site.nats.url)
const client = await LiveClient.open(gateway.port)
t.teardown(() => client.ws.terminate())
client.send({
  op: 'subscribe',
  id: 1,
  patterns: [
    { pattern: 'evt.summit.MTMount.>' },
    { pattern: 'tel.summit.MTMount.>', quality: 'latest', rate: 20 },
    { pattern: 'ack.summit.MTMount.>' }
  ]
})
await client.next('live')

/** A sample that a source stamped so many seconds ago by its own clock. */
const agedSample = (ageSeconds: number): Uint8Array => {
  const sndStamp = systemClock.taiSeconds() - ageSeconds
  return encodeSample({
    ...{ sndStamp, rcvStamp: sndStamp, seqNum: 1, origin: 1, identity: 'MTMount', revCode: 'abc' },
    fields: encodeMsgpack({ n: 1 }),
    uncatalogued: false
  })
}

/** Publishes one message and waits until the client has it. */
async function show(subject: string, data: Uint8Array): Promise<void> {
  const before = client.seen.length
  site.say(subject, data)
  await client.hasSeen(before + 1)
}

const METRICS = {
  source: 'meridian_gateway_source_latency_seconds',
  stored: 'meridian_gateway_stored_latency_seconds'
}

/** Count of a bucket of a class, 0 where there is none. */
async function countOf(from: keyof typeof METRICS, name: string, le: string): Promise<number> {
  const text = await metricsOf(gateway.port)
  const start = `${METRICS[from]}_bucket{le="${le}",class="${name}"`
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(start))
      ?.split(' ')
      .at(-1) ?? 0
  )
}

const EVENT = 'evt.summit.MTMount.0.logMessage'

t.test('an event counts by the stamp of its source, and by that of the broker', async t => {
  await show(EVENT, agedSample(0))
  await waitFor(async () => (await countOf('stored', 'evt', '+Inf')) === 1, { what: 'one event' })
  t.equal(await countOf('source', 'evt', '+Inf'), 1)
  t.equal(await countOf('source', 'evt', '30'), 1, 'well below the shift of a clock')
})

t.test(
  'a clock that stamps UTC stands above 30 s, one that is ahead at 0; the broker’s stamp is sound',
  async t => {
    await show(EVENT, agedSample(37))
    t.equal(await countOf('source', 'evt', '30'), 1, 'the one before')
    t.equal(await countOf('source', 'evt', '+Inf'), 2)
    await show(EVENT, agedSample(-3_600))
    t.equal(await countOf('source', 'evt', '0'), 1)
    t.equal(await countOf('source', 'evt', '+Inf'), 3)
    t.equal(await countOf('stored', 'evt', '30'), 3)
  }
)

t.test('telemetry and acknowledgements have classes of their own', async t => {
  await show('tel.summit.MTMount.0.azimuth', agedSample(0))
  await show('ack.summit.MTMount.0.01j', Buffer.from(JSON.stringify({ time: systemClock.taiSeconds() })))
  for (const name of ['tel', 'ack']) {
    t.equal(await countOf('stored', name, '+Inf'), 1, name)
    t.equal(await countOf('source', name, '30'), 1, name)
  }
  t.equal(await countOf('stored', 'evt', '+Inf'), 3, 'as before')
})

t.test('what a client is sent at once when it subscribes is no latency', async t => {
  client.send({ op: 'subscribe', id: 2, patterns: [{ pattern: 'evt.summit.MTMount.0.logMessage' }] })
  await client.next('live', 2)
  t.equal(await countOf('stored', 'evt', '+Inf'), 3)
})
