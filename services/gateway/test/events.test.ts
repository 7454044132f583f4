import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createHistory, waitFor } from '@meridian/testing'
import t from 'tap'
import { EventClient } from './event-client.ts'
import { startGatewayInside, withRole } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const EVENTS = 'evt.summit.MTMount.0.state'
const TELEMETRY = 'tel.summit.MTMount.0.azimuth'

t.test('last values come first, then what follows, each with its subject', async t => {
  await site.put(EVENTS, { n: 1, gain: Number.NaN, text: 'two\nlines' })
  await site.put(TELEMETRY, { n: 1, other: 2 })
  const { port } = await startGatewayInside(t, site.nats.url)
  const client = new EventClient(
    port,
    `topics=${EVENTS},tel.summit.>&fields=n,gain,text&rate=20&quality=latest`
  )
  t.teardown(() => client.close())
  await client.next('live')
  t.equal(client.status, 200)
  t.match(client.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff'
  })
  t.match(
    client.events.map(({ name }) => name),
    ['welcome', 'subscribed', 'message', 'message', 'live']
  )
  t.same(
    client.named('message').map(({ subject, fields }) => [subject, fields]),
    [
      [EVENTS, { n: 1, gain: 'NaN', text: 'two\nlines' }],
      [TELEMETRY, { n: 1 }]
    ]
  )
  const seq = await site.put(TELEMETRY, { n: 2, other: 3 })
  t.match(await client.next('message', 3), {
    subject: TELEMETRY,
    seq,
    fields: { n: 2 },
    time: 1_795_000_000.25
  })
})

t.test('curl reads it, and keeps nobody', async t => {
  const { port } = await startGatewayInside(t, site.nats.url)
  const url = `http://127.0.0.1:${port}/live/events?topics=${EVENTS}`
  const { stdout } = await promisify(execFile)('curl', ['-sNm', '2', url]).catch(
    (timedOut: { stdout: string }) => timedOut
  )
  t.match(stdout, /^retry: 1000\n\nevent: welcome\ndata: \{"op":"welcome"/)
  t.match(stdout, `data: {"subject":"${EVENTS}"`)
  t.match(await metricsOf(port), /meridian_gateway_event_streams\{/)
  t.match(stdout, /\nid: 1\.EVT\.[^\n]+\nevent: live\n/)
  await waitFor(async () => /meridian_gateway_connections\{[^}]*\} 0/.test(await metricsOf(port)), {
    what: 'the connection is forgotten'
  })
})

t.test('a reader that reconnects on another gateway, again and again, loses nothing', async t => {
  const gateways = await Promise.all([1, 2].map(() => startGatewayInside(t, site.nats.url)))
  const history = createHistory()
  const subject = 'evt.summit.MTMount.0.resumed'
  let published = 0
  const put = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const id = String(++published)
      history.published(subject, id, await site.put(subject, { n: id }))
    }
  }
  let lastId = ''
  let highest = 0
  /** What was cut off before its id came is sent again: a reader passes over what it has had. */
  const take = (client: EventClient): void => {
    for (const { seq, fields } of client.named('message').filter(({ seq }) => (seq as number) > highest)) {
      highest = seq as number
      history.received(subject, nOf(fields))
    }
    lastId = client.lastId
  }
  for (let round = 0; round < 6; round++) {
    const port = gateways[round % 2]?.port ?? 0
    const client = new EventClient(port, `topics=${subject}`, round === 0 ? {} : { 'last-event-id': lastId })
    // Of what came before a first subscription the last value alone is owed.
    if (round === 0) await client.next('live')
    await put(5)
    await client.next('live')
    await put(5)
    const newest = String(published)
    await waitFor(() => nOf(client.named('message').at(-1)?.['fields']) === newest, { what: 'the newest' })
    client.close()
    await client.ended()
    take(client)
    const resumed = client.named('resumed').map(({ streams }) => streams)
    t.same(resumed, round === 0 ? [] : [{ EVT: 'resumed' }])
    await put(5)
  }
  const last = new EventClient(gateways[0]?.port ?? 0, `topics=${subject}&cursor=${lastId}`)
  t.teardown(() => last.close())
  await last.next('live')
  take(last)
  history.verify()
})

const nOf = (fields: unknown): string => (fields as { n?: string } | undefined)?.n ?? ''

t.test('what is asked wrongly is refused with a status and a code, and counted', async t => {
  const { port, log } = await startGatewayInside(t, site.nats.url, withRole(t, '{ read: ["evt.>"] }'))
  const cases: [query: string, headers: Record<string, string>, status: number, code: string][] = [
    ['', {}, 400, 'NET_BAD_REQUEST'],
    [`topics=${EVENTS}&speed=9`, {}, 400, 'NET_BAD_REQUEST'],
    [`topics=${EVENTS}&quality=best`, {}, 400, 'NET_BAD_REQUEST'],
    [`topics=${EVENTS}&rate=3`, {}, 400, 'NET_BAD_REQUEST'],
    [`topics=${EVENTS}&rate=1&quality=all`, {}, 400, 'GTW_RATE_OF_ALL'],
    [`topics=${EVENTS}&rate=1`, {}, 400, 'GTW_RATE_OF_ALL'],
    [`topics=${EVENTS},`, {}, 400, 'NET_BAD_REQUEST'],
    ['topics=evt..x', {}, 400, 'WIR_BAD_PATTERN'],
    ['topics=raw.>', {}, 400, 'GTW_NOT_SERVED'],
    ['topics=evt.base.>,job.>', {}, 400, 'GTW_NOT_SERVED'],
    [`topics=${EVENTS}&cursor=nonsense`, {}, 400, 'GTW_BAD_CURSOR'],
    [`topics=${EVENTS}`, { 'last-event-id': 'nonsense', accept: 'text/event-stream' }, 400, 'GTW_BAD_CURSOR'],
    [`topics=${TELEMETRY}`, {}, 403, 'AUT_NOT_READABLE'],
    [`topics=${EVENTS}`, { origin: 'https://evil.example' }, 403, 'GTW_BAD_ORIGIN'],
    [`topics=${EVENTS}`, { host: 'evil.example' }, 421, 'NET_BAD_HOST']
  ]
  for (const [query, headers, status, code] of cases) {
    const client = await new EventClient(port, query, headers).ended()
    t.equal(client.status, status, query)
    t.match(JSON.parse(client.text), { error: { code } }, query)
  }
  const inPart = new EventClient(port, `topics=${EVENTS},${TELEMETRY}`)
  t.match(await inPart.next('subscribed'), {
    topics: 1,
    refused: [{ pattern: TELEMETRY, error: { code: 'AUT_NOT_READABLE' } }]
  })
  inPart.close()
  const metrics = await metricsOf(port)
  t.match(metrics, /refused_total\{[^}]*code="AUT_NOT_READABLE"[^}]*\} 2/)
  t.match(metrics, /refused_total\{[^}]*code="GTW_BAD_CURSOR"[^}]*\} 2/)
  const lines = log.records.filter(
    ({ msg, code }) => msg === 'clients are refused' && code === 'GTW_BAD_CURSOR'
  )
  t.match(lines, [{ times: 1 }], 'of each code one line a minute')
})

t.test(
  'where there is no room, programs get 503, and a browser an event that it comes back after',
  async t => {
    const settings = { MAX_CONNECTIONS: '2', ALLOWED_ORIGINS: 'https://other.example' }
    const { port } = await startGatewayInside(t, site.nats.url, settings)
    const live = await LiveClient.open(port)
    t.teardown(() => live.ws.close())
    const reader = new EventClient(port, `topics=${EVENTS}`)
    await reader.next('live')
    const program = await new EventClient(port, `topics=${EVENTS}`).ended()
    t.match([program.status, program.headers['retry-after']], [503, '1'])
    t.match(JSON.parse(program.text), { error: { code: 'GTW_FULL', facts: { limit: 2 } } })
    const accept = { accept: 'text/event-stream', origin: 'https://other.example' }
    const browser = await new EventClient(port, `topics=${EVENTS}`, accept).ended()
    t.match(browser.headers, {
      'content-type': /^text\/event-stream/,
      'access-control-allow-origin': 'https://other.example',
      'retry-after': /^\d+$/
    })
    t.equal(browser.status, 200)
    t.match(browser.events, [{ name: 'refused', data: { error: { code: 'GTW_FULL', canRetry: true } } }])
    t.ok((browser.retryMs ?? 0) >= 1_000 && (browser.retryMs ?? 0) <= 10_000)
    reader.close()
    await waitFor(
      async () => {
        const next = new EventClient(port, `topics=${EVENTS}`)
        await waitFor(() => next.events.length > 0 || next.isEnded, { what: 'an answer' })
        next.close()
        return next.status === 200
      },
      { what: 'its room is free again' }
    )
  }
)

t.test('when the gateway drains, a reader is told, gets what waits, and its answer ends', async t => {
  const { port, service, log } = await startGatewayInside(t, site.nats.url, { DRAIN_MS: '3000' })
  const staying = await LiveClient.open(port)
  const client = new EventClient(port, `topics=${EVENTS}`)
  await client.next('live')
  const stopped = service.stop()
  t.match(await client.next('reconnect'), { reason: 'drain' })
  await client.ended()
  t.same(client.named('close'), [], 'nobody had to be closed')
  t.equal(client.retryMs, 1_000)
  t.ok(client.lastId.startsWith('1.EVT.'))
  await stopped
  t.match(await staying.whenClosed(), { code: 1012 })
  const told = log.records.filter(({ asked }) => asked !== undefined)
  t.match(told, [{ asked: 2 }, { asked: 2, moved: 1, closed: 1 }], 'and the log says what became of all')
})

t.test('a reader that was here too long is sent away, with an id that goes on elsewhere', async t => {
  const { port } = await startGatewayInside(t, site.nats.url, { MAX_AGE_MS: '1000' })
  const client = new EventClient(port, `topics=${EVENTS}`)
  t.match(await client.next('reconnect'), { reason: 'maxage' })
  await client.ended()
  const { port: other } = await startGatewayInside(t, site.nats.url)
  const again = new EventClient(other, `topics=${EVENTS}`, { 'last-event-id': client.lastId })
  t.teardown(() => again.close())
  await again.next('live')
  t.match(again.named('resumed'), [{ streams: { EVT: 'resumed' } }])
  t.same(again.named('message'), [], 'nothing came meanwhile')
})

t.test('a reader that leaves while it waits for its turn leaves nothing behind', async t => {
  const { port } = await startGatewayInside(t, site.nats.url, { MAX_ACCEPTS_PER_SECOND: '1' })
  const readers = Array.from({ length: 4 }, () => new EventClient(port, `topics=${EVENTS}`))
  await readers[0]?.next('live')
  for (const reader of readers) reader.close()
  const later = new EventClient(port, `topics=${EVENTS}`)
  t.teardown(() => later.close())
  await later.next('live')
  await waitFor(() => shows(port, 'meridian_gateway_connections', /\} 1\n/), { what: 'one connection alone' })
})

t.test('a reader that falls behind is told what it gets less', async t => {
  const { port } = await startGatewayInside(t, site.nats.url, { MAX_BUFFERED_BYTES: String(64 << 20) })
  const subject = 'tel.summit.MTMount.0.large'
  const client = new EventClient(port, `topics=${subject}&quality=all`)
  await client.next('live')
  await behind(client, {
    subject,
    until: () => shows(port, 'meridian_gateway_degraded', /step="(slower|latest|paused)"[^}]*\} 1/)
  })
  t.match(await client.next('degraded'), { step: /^(slower|latest)$/ })
  client.close()
})

t.test('one that reads nothing is cut off, with the reason behind what waits', async t => {
  const { port, log } = await startGatewayInside(t, site.nats.url, { MAX_BUFFERED_BYTES: '65536' })
  const subject = 'evt.summit.MTMount.0.large'
  const client = new EventClient(port, `topics=${subject}`)
  await client.next('live')
  await behind(client, { subject, until: () => shows(port, 'meridian_gateway_slow_closed_total', /\} 1/) })
  t.match(await client.next('close'), { code: 1013, reason: 'GTW_SLOW_CLIENT' })
  await client.ended()
  await waitFor(() => shows(port, 'meridian_gateway_connections', /\} 0/), { what: 'it is forgotten' })
  t.match(
    log.records.filter(({ msg }) => msg.includes('too slowly')),
    [{ address: '127.0.0.1', times: 1 }]
  )
})

t.test('one that takes nothing for too long is dropped', async t => {
  const { port } = await startGatewayInside(t, site.nats.url, { PING_MS: '300', IDLE_MS: '3000' })
  const subject = 'evt.summit.MTMount.0.idle'
  const idle = new EventClient(port, `topics=${subject}`)
  await idle.next('live')
  const stuck = new EventClient(port, `topics=${subject}`)
  await stuck.next('live')
  await behind(stuck, { subject, until: () => shows(port, 'meridian_gateway_connections', /\} 1/) })
  await waitFor(() => idle.text.endsWith(':\n\n'), { what: 'what keeps the other alive' })
  t.equal(idle.isEnded, false)
  idle.close()
})

/** Publishes large messages until the gateway sees that the client does not read; then it reads again. */
async function behind(
  client: EventClient,
  { subject, until }: { readonly subject: string; readonly until: () => Promise<boolean> }
): Promise<void> {
  client.response?.pause()
  const fields = { text: 'x'.repeat(200_000) }
  const published = async (): Promise<boolean> => {
    // Slowly enough for the gateway, which looks once a second, to see it before all of its room is taken.
    await Promise.all([site.put(subject, fields), site.put(subject, fields), sleep(50)])
    return until()
  }
  await waitFor(published, { what: 'the gateway sees it', timeoutMs: 60_000 })
  client.response?.resume()
}

const shows = async (port: number, name: string, value: RegExp): Promise<boolean> =>
  new RegExp(`${name}\\{[^}]*${value.source}`).test(await metricsOf(port))
