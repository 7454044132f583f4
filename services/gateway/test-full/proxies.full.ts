/**
 * A gateway behind the proxies that sites put in front of it: upgrade, data, silence kept alive by pings,
 * close code, and the way to another gateway.
 */
import { createHistory, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'
import { findProgram, PROXY_IDLE_MS, type ProxyKind, proxyKinds, startProxy } from './proxies.ts'

const PING_MS = 500
/** So many pings take longer than a proxy waits for traffic. */
const PINGS = (2 * PROXY_IDLE_MS) / PING_MS
const LARGE = 'x'.repeat(300_000)
const WAIT_MS = 60_000

t.setTimeout(300_000)
t.jobs = 2
const site = await startObservatory()
t.teardown(() => site.stop())

const settings = { PING_MS: String(PING_MS), DRAIN_MS: '1500' }

for (const kind of proxyKinds) {
  const skip = findProgram(kind.program) === undefined ? `${kind.program} is not installed` : false
  t.test(`a gateway behind ${kind.name}`, { skip, buffered: true }, t => behind(t, kind))
}

async function behind(t: Test, kind: ProxyKind): Promise<void> {
  const topic = (name: string): string => `evt.summit.${kind.name.replaceAll(/\W/g, '')}.0.${name}`
  const everything = { id: 1, patterns: [{ pattern: topic('>') }] }
  const [first, second] = await Promise.all([
    startGateway(site.nats.url, settings),
    startGateway(site.nats.url, settings)
  ])
  t.teardown(() => Promise.all([first, second].map(gateway => gateway.end('SIGKILL'))))
  const proxy = await startProxy(kind, first.port, second.port)
  t.teardown(() => proxy.stop())
  const history = createHistory()
  const put = async (n: number, more: object = {}): Promise<void> => {
    await site.put(topic('n'), { n, ...more })
    history.published(topic('n'), String(n))
  }

  const client = await LiveClient.open(proxy.port)
  t.equal(client.ws.protocol, 'meridian.v1.msgpack', 'the sub-protocol comes through')
  client.send({ op: 'subscribe', ...everything })
  await client.next('live')
  for (let n = 0; n < 100; n++) await put(n)
  await put(100, { large: LARGE })
  await client.hasSeen(101)
  t.equal(client.seen.at(-1)?.fields['large'], LARGE, 'large values come through')

  let pings = 0
  client.ws.on('ping', () => pings++)
  await waitFor(() => pings >= PINGS, { what: 'pings', timeoutMs: WAIT_MS })
  t.equal(client.closed, undefined, 'a connection without data stays open')
  await put(101)
  await client.hasSeen(102)

  const ended = first.end('SIGTERM')
  t.match(await client.next('reconnect'), { reason: 'drain' })
  t.match(await client.whenClosed(), { code: 1012 }, 'the close code comes through')
  t.equal(await ended, 0)
  await put(102)

  const after = await openSoon(proxy.port)
  after.send({ op: 'resume', cursor: client.cursor, subscriptions: [everything] })
  t.match(await after.next('resumed'), { streams: { EVT: 'resumed' } })
  await put(103)
  await waitFor(() => after.seen.at(-1)?.fields['n'] === 103, { what: 'the last value', timeoutMs: WAIT_MS })
  for (const { subject, fields } of [...client.seen, ...after.seen])
    history.received(subject, String(fields['n']))
  history.verify()
  after.ws.close(1000)
  t.match(await after.whenClosed(), { code: 1000 })
}

/** A client of whichever gateway the proxy has found: it may answer 502 or 503 for a moment. */
const openSoon = (port: number): Promise<LiveClient> =>
  waitFor(() => LiveClient.open(port), { what: 'the proxy to find the other gateway', timeoutMs: WAIT_MS })
