import { ensureStreams, messageAt, mirrorTable } from '@meridian/broker'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

// Two gateways of the same data: one at the site itself, one as at a site that only reads and follows
// mirrors.

const site = await startObservatory()
t.teardown(() => site.stop())
await ensureStreams(site.broker, mirrorTable({ origin: 'summit', profile: 'laptop' }), createTestLog())
const atSite = startGateway(site.nats.url)
const away = startGateway(site.nats.url, { BROKER_SITE: 'base', RING_MS: '100' })
t.teardown(async () => (await Promise.all([atSite, away])).map(gateway => gateway.end('SIGKILL')))

const subject = 'evt.summit.MTMount.0.target'
const wanted = { id: 1, patterns: [{ pattern: subject }] }
const seqs = (client: LiveClient): number[] => client.seen.map(({ seq }) => seq)

t.test('a cursor of the origin is continued by a gateway that reads mirrors', async t => {
  const before = await LiveClient.open((await atSite).port)
  before.send({ op: 'subscribe', ...wanted })
  await before.next('live')
  for (let n = 0; n < 3; n++) await site.put(subject)
  await before.hasSeen(3)
  await waitFor(() => before.all('cursor').length > 0, { what: 'a cursor' })
  const { cursor } = before
  before.ws.close()
  for (let n = 0; n < 5; n++) await site.put(subject)
  await waitFor(() => messageAt(site.broker, 'EVT_summit', 8), { what: 'the mirror has all' })

  const after = await LiveClient.open((await away).port)
  after.send({ op: 'resume', cursor, subscriptions: [wanted] })
  t.match(await after.next('resumed'), { streams: { EVT: 'resumed' } })
  await after.hasSeen(5)
  await site.put(subject)
  await after.hasSeen(6)
  t.same(seqs(after), [4, 5, 6, 7, 8, 9])
  t.same(after.all('reset'), [])
  t.match(await site.jetstream('CONSUMER.NAMES.EVT_summit'), { total: 1 }, 'it follows the mirror')
  after.ws.close()
})
