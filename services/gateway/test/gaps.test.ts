import { waitFor } from '@meridian/testing'
import t from 'tap'
import {
  evt,
  judge,
  keep,
  type Publication,
  publish,
  resumed,
  setUp,
  startOne,
  subscribed,
  tel
} from './gap-world.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import type { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

// Every message or a told gap: what a stream drops before a gateway or a client has read it is told, and lies
// inside the gap that is told; what is still stored is sent.

/** A follower asks for 1,000 at a time, and what the server has sent before it stood still is not lost. */
const MORE_THAN_ON_THE_WAY = 1_600

const arrived = (client: LiveClient, seq: number): Promise<unknown> =>
  waitFor(() => client.seen.some(seen => seen.seq === seq), { what: `message ${seq}`, timeoutMs: 30_000 })

/** Where the told gap of TEL ends; undefined where none is told. */
const upToOf = (outcome: unknown): number | undefined =>
  (outcome as { TEL?: { gap?: { to?: number } } }).TEL?.gap?.to

t.test('a gateway that stood still tells its clients what its streams dropped meanwhile', async t => {
  const { site, gateway } = await setUp(t, 50)
  const published: Publication[] = []
  const client = await subscribed(gateway)
  const { cursor: before } = client
  const subjects = [evt('busy'), evt('busy'), evt('busy'), evt('quiet')]
  await publish(site, published, subjects, 40)
  await client.hasSeen(40)
  gateway.child.kill('SIGSTOP')
  const last = await publish(site, published, subjects, MORE_THAN_ON_THE_WAY)
  gateway.child.kill('SIGCONT')
  await arrived(client, last)
  const report = await judge(published, client)
  t.ok(report.told > 100, `${report.told} are told as lost`)
  t.ok(client.all('gap').length > 0)
  t.notOk(client.closed, 'the connection went on')
  t.match(gateway.output(), /stream dropped messages before they were read/)
  const metrics = await metricsOf(gateway.port)
  t.match(metrics, new RegExp(`meridian_gateway_missed_messages_total\\{[^}]*\\} ${report.told}`))

  const later = await resumed(gateway, before)
  t.match(later.outcome, { EVT: { gap: { to: Number } } }, 'whoever resumes over the hole is told as well')
  await judge(published, later.client)
  for (const c of [client, later.client]) c.ws.close()
})

t.test(
  'a purge and a deletion while the gateway stood still are told, also where nothing follows',
  async t => {
    const { site, gateway } = await setUp(t, 5_000)
    const published: Publication[] = []
    const client = await subscribed(gateway)
    await publish(site, published, [evt('a')], 5)
    await client.hasSeen(5)
    gateway.child.kill('SIGSTOP')
    const last = await publish(site, published, [evt('a')], MORE_THAN_ON_THE_WAY)
    await site.jetstream('STREAM.MSG.DELETE.EVT', { seq: last - 1 })
    await site.jetstream('STREAM.PURGE.EVT', { seq: last - 4 })
    gateway.child.kill('SIGCONT')
    await arrived(client, last)
    const report = await judge(published, client)
    t.ok(report.told > 500, `${report.told} are told as lost`)
    t.ok(
      client.all('gap').some(gap => gap.from < last && last - 1 <= gap.to),
      'the deleted one'
    )
    const gaps = client.all('gap').length
    gateway.child.kill('SIGSTOP')
    // As when the server forgets a consumer that nobody asks: the follower then finds an empty stream.
    const { consumers } = (await site.jetstream('CONSUMER.NAMES.EVT')) as { consumers: string[] }
    for (const name of consumers) await site.jetstream(`CONSUMER.DELETE.EVT.${name}`)
    const purged = await publish(site, published, [evt('a')], 5)
    await site.jetstream('STREAM.PURGE.EVT')
    gateway.child.kill('SIGCONT')
    t.match(await client.next('gap', gaps + 1), { stream: 'EVT', to: purged })
    t.equal(client.all('reset').length, 0)
    client.ws.close()
  }
)

t.test('the gap of a cursor names who lost what; everything that is still stored is sent', async t => {
  const { site, gateway } = await setUp(t, 100)
  await site.put(evt('first'))
  const published: Publication[] = []
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  const subjects = [evt('busy'), evt('busy'), evt('busy'), evt('quiet')]
  await publish(site, published, subjects, 240)
  const restarted = await startOne(t, site)
  for (const one of [gateway, restarted]) {
    const { client: back, outcome } = await resumed(one, client.cursor)
    await judge(published, back)
    if (one === restarted) {
      t.match(outcome, { EVT: { gap: { subjects: [evt('busy')] } } })
      t.equal(back.seen.length, 160, 'all that the stream holds')
    }
    back.ws.close()
  }
  const quiet = await resumed(restarted, client.cursor, { id: 1, patterns: [{ pattern: evt('quiet') }] })
  t.same(quiet.outcome, { EVT: 'resumed' })
  quiet.client.ws.close()
})

t.test('a limit that is changed on a living stream is read by the gateways that run', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const gateway = await startGatewayInside(t, site.nats.url, { RING_BYTES: '1024' })
  await site.put(evt('first'))
  const published: Publication[] = []
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  await keep(site, 100)
  const subjects = [evt('busy'), evt('busy'), evt('busy'), evt('quiet')]
  await publish(site, published, subjects, 240)
  const lowered = await resumed(gateway, client.cursor)
  t.match(lowered.outcome, { EVT: { gap: { subjects: [evt('busy')] } } })
  t.match(await judge(published, lowered.client), { received: 160 })

  await keep(site, 5_000)
  await publish(site, published, subjects, 40)
  const raised = await resumed(gateway, client.cursor)
  t.match(raised.outcome, { EVT: { gap: { subjects: [evt('busy')] } } }, 'what it dropped before is lost')
  t.match(await judge(published, raised.client), { received: 200 })
  for (const { client } of [lowered, raised]) client.ws.close()
})

t.test(
  'a head of the stream that has passed a cursor is a gap up to the head, and the rest is sent',
  async t => {
    const { site, gateway } = await setUp(t, 1_000)
    const wanted = { id: 1, patterns: [{ pattern: 'tel.summit.>', quality: 'all' as const }] }
    const published: Publication[] = []
    const client = await subscribed(gateway, wanted)
    client.ws.close()
    await client.whenClosed()
    await publish(site, published, [tel('a'), tel('b')], 900)
    // The gateway's own heartbeats stand between them.
    const head = published[18]?.seq ?? 0
    await site.jetstream('STREAM.PURGE.TEL', { seq: head })
    const restarted = await startOne(t, site)
    // On a busy machine the ten seconds that a broker has may pass: then more is told as a gap.
    const back = await waitFor(
      async () => {
        const { client: again, outcome } = await resumed(restarted, client.cursor, wanted)
        if (upToOf(outcome) === head - 1) return again
        again.ws.close()
      },
      { what: `a gap up to ${head - 1} alone`, timeoutMs: 60_000 }
    )
    t.match(await judge(published, back), { told: 18, received: 882 })
    back.ws.close()
  }
)

t.test('a broker that answers late makes no gap: what it holds is sent when it answers', async t => {
  const { site, gateway } = await setUp(t, 5_000)
  const published: Publication[] = []
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  await publish(site, published, [evt('busy')], 100)
  // Its ring holds nothing of before its start.
  const restarted = await startOne(t, site)
  await site.nats.freeze()
  const resuming = resumed(restarted, client.cursor)
  // Longer than the broker has for one answer.
  await new Promise(resolve => setTimeout(resolve, 2_500))
  site.nats.thaw()
  const { client: back, outcome } = await resuming
  t.same(outcome, { EVT: 'resumed' })
  t.match(await judge(published, back), { told: 0, received: 100 })
  back.ws.close()
})
