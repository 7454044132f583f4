import type { Test } from 'tap'
import { events, evt, judge, keep, type Publication, publish, resumed, subscribed, tel } from './gap-world.ts'
import { type GatewayInside, startGatewayInside } from './gateway-inside.ts'
import { type Observatory, startObservatory } from './observatory.ts'

/** Subscribes to all telemetry. */
export const telemetry = { id: 1, patterns: [{ pattern: 'tel.summit.>', quality: 'all' as const }] }
/** Subscribes to one pattern of events or telemetry. */
export const only = (pattern: string) => ({ id: 1, patterns: [{ pattern, quality: 'all' as const }] })
/** The events that most of these tests publish. */
export const subjects = [evt('a'), evt('b'), evt('c')]

/** A gateway whose ring holds a few messages. */
export const startShort = (t: Test, site: Observatory): Promise<GatewayInside> =>
  startGatewayInside(t, site.nats.url, { RING_BYTES: '1024' })

/** What a client that is away needs to come back, and what was published meanwhile. */
interface Absence {
  readonly site: Observatory
  readonly gateway: GatewayInside
  readonly published: Publication[]
  /** The cursor of a client that is away. */
  readonly cursor: string
}

/** A client that went away before `count` messages were published on some subjects in turn. */
export async function goAway(
  t: Test,
  on: readonly string[],
  { count = 300, wanted = events, perSubject = 1_000 } = {}
): Promise<Absence> {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  await keep(site, perSubject)
  // It stays the head, whatever is dropped behind it.
  for (const subject of [evt('first'), tel('first')]) await site.put(subject)
  const gateway = await startShort(t, site)
  const client = await subscribed(gateway, wanted)
  client.ws.close()
  await client.whenClosed()
  const published: Publication[] = []
  await publish(site, published, on, count)
  return { site, gateway, published, cursor: client.cursor }
}

/** Other patterns for all of a class: no read of the stream that was made for another client does for them. */
const unshared = ({ id, patterns }: typeof events): typeof events => ({
  id,
  patterns: patterns.map(one => ({
    ...one,
    pattern: one.pattern.replace('summit.>', () => others[asked++ % others.length] as string)
  }))
})
const others = [
  'summit.>',
  'summit.*.>',
  'summit.*.*.>',
  'summit.MTMount.>',
  'summit.MTMount.*.>',
  '*.>',
  '*.*.>',
  '*.MTMount.>',
  '*.*.*.>',
  '*.MTMount.*.>'
]
let asked = 0

/** What a gateway says to the client that is back; nothing is neither sent nor told. */
export async function back(
  gateway: GatewayInside,
  { cursor, published }: Absence,
  wanted: typeof events = events
): Promise<unknown> {
  const { client, outcome } = await resumed(gateway, cursor, unshared(wanted))
  const matching = (subject: string): boolean =>
    wanted.patterns.some(({ pattern }) => pattern === subject || pattern.endsWith('>'))
  await judge(
    published.filter(({ subject }) => matching(subject)),
    client
  )
  client.ws.close()
  return outcome
}
