import { startLink, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { forgetComponent } from '../../../scripts/forget/forget-component.ts'
import { events, evt, judge, keep, type Publication, publish, resumed, subscribed, tel } from './gap-world.ts'
import { type GatewayInside, startGatewayInside } from './gateway-inside.ts'
import { type Observatory, startObservatory } from './observatory.ts'

// What somebody removes by hand from inside a stream while a client is away is told when it is back, by the
// gateway that had read it and by one that was started since. What streams drop by themselves, and what `pnpm
// forget` removes, makes no gap besides.
const telemetry = { id: 1, patterns: [{ pattern: 'tel.summit.>', quality: 'all' as const }] }
const only = (pattern: string) => ({ id: 1, patterns: [{ pattern, quality: 'all' as const }] })
const subjects = [evt('a'), evt('b'), evt('c')]

/** A gateway whose ring holds a few messages. */
const startShort = (t: Test, site: Observatory): Promise<GatewayInside> =>
  startGatewayInside(t, site.nats.url, { RING_BYTES: '1024' })

interface Absence {
  readonly site: Observatory
  readonly gateway: GatewayInside
  readonly published: Publication[]
  /** The cursor of a client that is away. */
  readonly cursor: string
}

/** A client that went away before `count` messages were published on some subjects in turn. */
async function goAway(
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
async function back(
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

t.test('a purge of one subject is told by name, or without where the gateway was started since', async t => {
  const away = await goAway(t, subjects)
  await away.site.jetstream('STREAM.PURGE.EVT', { filter: evt('b') })
  const gap = { subjects: [evt('b')] }
  t.match(await back(away.gateway, away), { EVT: { gap } })
  t.same(await back(away.gateway, away, only(evt('a'))), { EVT: 'resumed' }, 'it concerns nobody else')
  t.match(await back(away.gateway, away, only(evt('b'))), { EVT: { gap } })
  const restarted = await startShort(t, away.site)
  const { gap: unnamed } = ((await back(restarted, away)) as { EVT: { gap: object } }).EVT
  t.notOk('subjects' in unnamed, 'the stream does not say of what they were')
  t.match(await back(restarted, away, only(evt('b'))), { EVT: { gap: { from: Number } } })
})

t.test('a purge of the whole stream is told', async t => {
  const away = await goAway(t, subjects)
  await away.site.jetstream('STREAM.PURGE.EVT')
  for (const gateway of [away.gateway, await startShort(t, away.site)])
    t.match(await back(gateway, away), { EVT: { gap: { to: Number } } })
})

t.test('one message that is deleted is told, in the middle and at the end', async t => {
  const away = await goAway(t, subjects)
  const { seq } = away.published[100] as Publication
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq })
  const told = { EVT: { gap: { from: seq, to: seq } } }
  t.match(await back(away.gateway, away), told)
  const restarted = await startShort(t, away.site)
  t.match(await back(restarted, away), told)
  await publish(away.site, away.published, [evt('a')], 1)
  t.match(await back(restarted, away), told, 'also when more was stored since')

  const last = away.published.at(-1) as Publication
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq: last.seq })
  t.match(await back(await startShort(t, away.site), away), { EVT: { gap: { from: seq, to: last.seq } } })
})

t.test(
  'a cursor at messages that were deleted at the end of a stream is resumed after a restart',
  async t => {
    const away = await goAway(t, subjects, { count: 30 })
    const client = await subscribed(away.gateway)
    const [before, , , last] = away.published.slice(-4).map(({ seq }) => seq)
    for (const { seq } of away.published.slice(-3))
      await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq })
    const restarted = await startShort(t, away.site)
    const live = await subscribed(restarted)
    const atEnd = { ...away, published: [], cursor: client.cursor }
    t.same(await back(restarted, atEnd), { EVT: 'resumed' })
    t.match(await back(restarted, away), { EVT: { gap: { from: Number(before) + 1, to: last } } })
    await publish(away.site, away.published, subjects, 3)
    t.same(await back(restarted, { ...atEnd, published: away.published.slice(-3) }), { EVT: 'resumed' })
    await live.hasSeen(3)
    t.same(live.all('gap'), [], 'it was lost before this client came')
    for (const one of [client, live]) one.ws.close()
  }
)

t.test('telemetry, which has no limit per subject, is told the same after a restart', async t => {
  const away = await goAway(t, [tel('a'), tel('b')], { wanted: telemetry, count: 400 })
  t.same(await back(away.gateway, away, telemetry), { TEL: 'resumed' })
  const { seq } = away.published[51] as Publication
  await away.site.jetstream('STREAM.MSG.DELETE.TEL', { seq })
  const restarted = await startShort(t, away.site)
  for (const gateway of [away.gateway, restarted])
    t.match(await back(gateway, away, telemetry), { TEL: { gap: { from: seq, to: seq } } })
  await away.site.jetstream('STREAM.PURGE.TEL', { filter: tel('b') })
  for (const gateway of [away.gateway, restarted])
    t.match(await back(gateway, away, telemetry), { TEL: { gap: { to: Number } } })
  const head = { seq: (away.published[100] as Publication).seq }
  await away.site.jetstream('STREAM.PURGE.TEL', head)
  t.match(await back(restarted, away, telemetry), { TEL: { gap: { to: Number } } }, 'head and holes')
})

t.test('what a limit per subject drops is told of its own subject alone, restarted or not', async t => {
  const on = [...Array<string>(9).fill(evt('busy')), evt('quiet')]
  const away = await goAway(t, on, { count: 400, perSubject: 150 })
  for (const gateway of [away.gateway, await startShort(t, away.site)]) {
    t.match(await back(gateway, away), { EVT: { gap: { subjects: [evt('busy')] } } })
    t.same(await back(gateway, away, only(evt('quiet'))), { EVT: 'resumed' })
  }
  const { seq } = away.published.at(-11) as Publication
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq })
  t.same(await back(away.gateway, away, only(evt('silent'))), { EVT: 'resumed' })
  t.match(
    await back(await startShort(t, away.site), away, only(evt('quiet'))),
    { EVT: { gap: { from: seq, to: seq } } },
    'the limit does not explain a hole behind all that it drops'
  )
})

t.test('a removal from a busy subject is told also where its limit is at work', async t => {
  const away = await goAway(t, [evt('busy'), evt('busy'), evt('quiet'), evt('busy')], {
    count: 400,
    perSubject: 150
  })
  const { seq } = away.published[30] as Publication
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq })
  t.match(await back(away.gateway, away, only(evt('quiet'))), {
    EVT: { gap: { subjects: [evt('quiet')] } }
  })
})

t.test('ids that come twice and an age that passes the cursor are no removals', async t => {
  const away = await goAway(t, subjects, { count: 30 })
  const headers = { 'Nats-Msg-Id': 'one' }
  for (let n = 0; n < 5; n++) await away.site.broker.request(evt('a'), 'x', { timeoutMs: 5_000, headers })
  await publish(away.site, away.published, subjects, 100)
  for (const gateway of [away.gateway, await startShort(t, away.site)])
    t.same(await back(gateway, away), { EVT: 'resumed' })
  const { config } = (await away.site.jetstream('STREAM.INFO.EVT')) as { config: object }
  await away.site.jetstream('STREAM.UPDATE.EVT', { ...config, max_age: 100_000_000, duplicate_window: 1e8 })
  const head = async (): Promise<number> => {
    const { state } = (await away.site.jetstream('STREAM.INFO.EVT')) as { state: { first_seq: number } }
    return state.first_seq
  }
  const { seq } = away.published.at(-1) as Publication
  await waitFor(async () => (await head()) > seq, { what: 'the head has passed what was published' })
  t.match(await back(await startShort(t, away.site), away), { EVT: { gap: { to: Number } } }, 'the head')
})

t.test('what is forgotten makes no gap, also behind a restart; what is removed besides is told', async t => {
  const rogue = 'evt.summit.MTMount.5.state'
  const both = { id: 1, patterns: [...events.patterns, ...telemetry.patterns] }
  const away = await goAway(t, [rogue, evt('a'), 'tel.summit.MTMount.5.azimuth', tel('b'), rogue], {
    wanted: both
  })
  const mount = { site: 'summit', csc: 'MTMount', index: 5 }
  const { TEL, EVT } = await forgetComponent(away.site.broker, mount)
  t.ok(TEL > 50 && EVT > 100, `${TEL} and ${EVT} are removed`)
  await publish(away.site, away.published, [evt('a'), tel('b')], 100)
  const left = away.published.filter(({ subject }) => !subject.includes('MTMount.5'))
  const kept = { ...away, published: left }
  const restarted = await startShort(t, away.site)
  for (const gateway of [away.gateway, restarted])
    t.same(await back(gateway, kept, both), { EVT: 'resumed', TEL: 'resumed' })

  const [event, sample] = [evt('a'), tel('b')].map(name => left.filter(one => one.subject === name)[10]?.seq)
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq: event })
  await away.site.jetstream('STREAM.MSG.DELETE.TEL', { seq: sample })
  for (const gateway of [away.gateway, restarted])
    t.match(await back(gateway, kept, both), {
      EVT: { gap: { from: event, to: event } },
      TEL: { gap: { from: sample, to: sample } }
    })
})

t.test('what is forgotten from the head of a stream makes no gap', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const rogue = 'evt.summit.MTMount.5.state'
  await site.put(rogue)
  const gateway = await startShort(t, site)
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  for (let n = 0; n < 5; n++) await site.put(rogue)
  const published: Publication[] = []
  await publish(site, published, subjects, 100)
  t.match(await forgetComponent(site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), { EVT: 6 })
  const away = { site, gateway, published, cursor: client.cursor }
  for (const one of [gateway, await startShort(t, site)]) t.same(await back(one, away), { EVT: 'resumed' })
})

t.test('what was forgotten of streams that were made anew since hides nothing that they lose', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  for (let n = 0; n < 300; n++)
    for (const subject of ['tel.summit.MTMount.5.azimuth', 'evt.summit.MTMount.5.state'])
      await site.put(subject)
  t.match(await forgetComponent(site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), { TEL: 300 })
  for (const stream of ['TEL', 'EVT']) await site.jetstream(`STREAM.DELETE.${stream}`)
  await site.makeStreams()
  const gateway = await startShort(t, site)
  const both = { id: 1, patterns: [...events.patterns, ...telemetry.patterns] }
  for (const subject of [evt('first'), tel('first')]) await site.put(subject)
  const client = await subscribed(gateway, both)
  client.ws.close()
  await client.whenClosed()
  const published: Publication[] = []
  await publish(site, published, [tel('a'), evt('a'), tel('b'), evt('b')], 200)
  const away = { site, gateway, published, cursor: client.cursor }
  await site.jetstream('STREAM.PURGE.TEL', { filter: tel('b') })
  const removed = { TEL: { gap: { to: Number } }, EVT: 'resumed' }
  t.match(await back(gateway, away, both), removed)
  t.match(await back(await startShort(t, site), away, both), removed)
  for (const stream of ['TEL', 'EVT']) await site.jetstream(`STREAM.PURGE.${stream}`, { seq: 50 })
  const event = published.find(({ subject }) => subject === evt('a'))?.seq
  const head = { TEL: { gap: { to: Number } }, EVT: { gap: { from: event, to: 49 } } }
  t.match(await back(await startShort(t, site), away, both), head)
})

t.test('a note of `pnpm forget` that removed nothing hides no loss of others', async t => {
  const away = await goAway(t, ['tel.summit.MTMount.5.azimuth', tel('a')], { wanted: telemetry, count: 200 })
  const { config } = (await away.site.jetstream('STREAM.INFO.TEL')) as { config: object }
  await away.site.jetstream('STREAM.UPDATE.TEL', { ...config, deny_purge: true })
  await t.rejects(forgetComponent(away.site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), {
    code: 'BRK_REFUSED'
  })
  const lost = away.published.filter(({ subject }) => subject === tel('a')).slice(10, 60)
  for (const { seq } of lost) await away.site.jetstream('STREAM.MSG.DELETE.TEL', { seq })
  const told = { TEL: { gap: { from: lost[0]?.seq, to: lost.at(-1)?.seq } } }
  for (const gateway of [away.gateway, await startShort(t, away.site)])
    t.match(await back(gateway, away, telemetry), told)
})

t.test('what is purged by hand is replayed from the ring, also when the broker was away since', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const link = await startLink(site.nats.port)
  t.teardown(() => link.stop())
  // It is read before the gateway is ready: what comes later may come behind the cursor of the client.
  await site.put(evt('first'))
  const gateway = await startGatewayInside(t, `127.0.0.1:${link.port}`, { RING_MS: '60000' })
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  const published: Publication[] = []
  await publish(site, published, [evt('a'), evt('b')], 20)
  const away = { site, gateway, published, cursor: client.cursor }
  t.same(await back(gateway, away), { EVT: 'resumed' })
  await site.jetstream('STREAM.PURGE.EVT', { filter: evt('b') })
  link.cut()
  link.mend()
  const ended = (): boolean => gateway.log.records.some(({ msg }) => /topics any more/.test(String(msg)))
  await waitFor(ended, { what: 'the topic ends', timeoutMs: 20_000 })
  const { client: late, outcome } = await resumed(gateway, away.cursor)
  late.ws.close()
  t.same(outcome, { EVT: 'resumed' })
  t.same(
    late.seen.map(({ seq }) => seq),
    published.map(({ seq }) => seq)
  )
})
