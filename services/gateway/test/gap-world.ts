// Clients that were away, and what they are sent and told when they are back.
import { createHistory, type History, type HistoryReport, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { type GatewayProcess, startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { type Observatory, startObservatory } from './observatory.ts'

/** An event of the mount. */
export const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
/** Telemetry of the mount. */
export const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`
/** A subscription to all events. */
export const events = { id: 1, patterns: [{ pattern: 'evt.summit.>' }] }

/** A broker whose EVT keeps `perSubject` messages of a subject, and a gateway with a short ring. */
export async function setUp(
  t: Test,
  perSubject: number
): Promise<{ site: Observatory; gateway: GatewayProcess }> {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  await keep(site, perSubject)
  return { site, gateway: await startOne(t, site) }
}

/** EVT keeps so many messages of a subject from now on, as somebody changes it by hand. */
export async function keep(site: Observatory, perSubject: number): Promise<void> {
  const { config } = (await site.jetstream('STREAM.INFO.EVT')) as { config: object }
  await site.jetstream('STREAM.UPDATE.EVT', { ...config, max_msgs_per_subject: perSubject })
}

/** A gateway with a short ring. */
export async function startOne(t: Test, site: Observatory): Promise<GatewayProcess> {
  const gateway = await startGateway(site.nats.url, { RING_MS: '300' })
  t.teardown(() => gateway.end('SIGKILL'))
  return gateway
}

/** A client that is live. */
export async function subscribed(
  gateway: Pick<GatewayProcess, 'port'>,
  subscription = events
): Promise<LiveClient> {
  const client = await LiveClient.open(gateway.port)
  client.send({ op: 'subscribe', ...subscription })
  await client.next('live')
  return client
}

/** A client that is back, and what its gateway says of each stream. */
export async function resumed(
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

/** A sample that a stream has stored. */
export interface Publication {
  readonly subject: string
  readonly n: number
  readonly seq: number
}

/** Publishes so many on some subjects in turn; gives the sequence of the last. */
export async function publish(
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

/**
 * Holds what a client got and was told against what was published, once its gateway has read all of it. Throws
 * where something is neither sent nor told, comes twice or out of order, or was never published.
 */
export async function judge(published: readonly Publication[], client: LiveClient): Promise<HistoryReport> {
  const isComplete = (): boolean => historyOf(published, client).report().lost.length === 0
  await waitFor(isComplete, { what: 'all of it is sent or told' }).catch(() => undefined)
  const history = historyOf(published, client)
  history.verify()
  return history.report()
}

function historyOf(published: readonly Publication[], client: LiveClient): History {
  const history = createHistory()
  for (const { subject, n, seq } of published) history.published(subject, String(n), seq)
  // Others speak as well: `pnpm forget` tells the pages what it did.
  const ofMount = client.seen.filter(({ subject }) => subject.includes('.MTMount.'))
  for (const { subject, fields } of ofMount) history.received(subject, String(fields['n']))
  for (const gap of client.all('gap')) history.toldGap(gap)
  for (const outcome of client.all('resumed').flatMap(({ streams }) => Object.values(streams)))
    if (typeof outcome === 'object') history.toldGap(outcome.gap)
  return history
}
