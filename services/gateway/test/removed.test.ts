import { startLink, waitFor } from '@meridian/testing'
import t from 'tap'
import { evt, type Publication, publish, resumed, subscribed, tel } from './gap-world.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { startObservatory } from './observatory.ts'
import { back, goAway, only, startShort, subjects, telemetry } from './removed-world.ts'

// What somebody removes by hand from inside a stream while a client is away is told when it is back, by the
// gateway that had read it and by one that was started since. What streams drop by themselves makes no gap besides,
// nor does what `pnpm forget` removes: forgotten.test.ts.

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
