import { createHistory, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { startGatewayInside } from './gateway-inside.ts'
import { type GatewayProcess, metricsOf, startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { type Observatory, startObservatory } from './observatory.ts'

// Every message or a told gap: what a stream drops before a gateway or a client has read it is told, and lies
// inside the gap that is told; what is still stored is sent.
const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`
const events = { id: 1, patterns: [{ pattern: 'evt.summit.>' }] }

/** A broker whose EVT keeps `perSubject` messages of a subject, and a gateway with a short ring. */
async function setUp(t: Test, perSubject: number): Promise<{ site: Observatory; gateway: GatewayProcess }> {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  await keep(site, perSubject)
  return { site, gateway: await startOne(t, site) }
}

/** EVT keeps so many messages of a subject from now on, as somebody changes it by hand. */
async function keep(site: Observatory, perSubject: number): Promise<void> {
  const { config } = (await site.jetstream('STREAM.INFO.EVT')) as { config: object }
  await site.jetstream('STREAM.UPDATE.EVT', { ...config, max_msgs_per_subject: perSubject })
}

async function startOne(t: Test, site: Observatory): Promise<GatewayProcess> {
  const gateway = await startGateway(site.nats.url, { RING_MS: '300' })
  t.teardown(() => gateway.end('SIGKILL'))
  return gateway
}

async function subscribed(gateway: Pick<GatewayProcess, 'port'>, subscription = events): Promise<LiveClient> {
  const client = await LiveClient.open(gateway.port)
  client.send({ op: 'subscribe', ...subscription })
  await client.next('live')
  return client
}

async function resumed(
  gateway: Pick<GatewayProcess, 'port'>,
  cursor: string,
  subscription = events
): Promise<{ client: LiveClient; outcome: unknown }> {
  const client = await LiveClient.open(gateway.port)
  client.send({ op: 'resume', cursor, subscriptions: [subscription] })
  const { streams } = await client.next('resumed')
  await client.next('live')
  return { client, outcome: streams }
}

interface Publication {
  readonly subject: string
  readonly n: number
  readonly seq: number
}

/** Publishes so many on some subjects in turn; gives the sequence of the last. */
async function publish(
  site: Observatory,
  published: Publication[],
  subjects: readonly string[],
  count: number
): Promise<number> {
  const end = published.length + count
  const put = async (n: number): Promise<Publication> => {
    const subject = subjects[n % subjects.length] as string
    return { subject, n, seq: await site.put(subject, { n }) }
  }
  while (published.length < end) {
    const some = Array.from({ length: Math.min(100, end - published.length) }, (_, i) => published.length + i)
    published.push(...(await Promise.all(some.map(put))))
  }
  return published.at(-1)?.seq ?? 0
}

/** Holds what a client got and was told against what was published. */
function judge(published: readonly Publication[], client: LiveClient) {
  const history = createHistory()
  for (const { subject, n, seq } of published) history.published(subject, String(n), seq)
  for (const { subject, fields } of client.seen) history.received(subject, String(fields['n']))
  for (const gap of client.all('gap')) history.toldGap(gap)
  for (const outcome of client.all('resumed').flatMap(({ streams }) => Object.values(streams)))
    if (typeof outcome === 'object') history.toldGap(outcome.gap)
  return history.report('all')
}

/** A follower asks for 1,000 at a time, and what the server has sent before it stood still is not lost. */
const MORE_THAN_ON_THE_WAY = 1_600

const sound = { lost: [], duplicated: [], inverted: [], unknown: [] }
const arrived = (client: LiveClient, seq: number): Promise<unknown> =>
  waitFor(() => client.seen.some(seen => seen.seq === seq), { what: `message ${seq}`, timeoutMs: 30_000 })

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
  const report = judge(published, client)
  t.match(report, sound)
  t.ok(report.told > 100, `${report.told} are told as lost`)
  t.ok(client.all('gap').length > 0)
  t.notOk(client.closed, 'the connection went on')
  t.match(gateway.output(), /stream dropped messages before they were read/)
  const metrics = await metricsOf(gateway.port)
  t.match(metrics, new RegExp(`meridian_gateway_missed_messages_total\\{[^}]*\\} ${report.told}`))

  const later = await resumed(gateway, before)
  t.match(later.outcome, { EVT: { gap: { to: Number } } }, 'whoever resumes over the hole is told as well')
  t.match(judge(published, later.client), sound)
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
    const report = judge(published, client)
    t.match(report, sound)
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
    t.match(judge(published, back), sound)
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
  t.match(judge(published, lowered.client), { ...sound, received: 160 })

  await keep(site, 5_000)
  await publish(site, published, subjects, 40)
  const raised = await resumed(gateway, client.cursor)
  t.match(raised.outcome, { EVT: { gap: { subjects: [evt('busy')] } } }, 'what it dropped before is lost')
  t.match(judge(published, raised.client), { ...sound, received: 200 })
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
    const { client: back, outcome } = await resumed(restarted, client.cursor, wanted)
    t.match(outcome, { TEL: { gap: { from: Number, to: head - 1 } } })
    t.match(judge(published, back), { ...sound, told: 18, received: 882 })
    back.ws.close()
  }
)
