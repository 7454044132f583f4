import { CLOSE } from '@meridian/protocol/live'
import { createPublicationLog, freePort, type PublicationLog, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { settingsInBase } from '../../../scripts/deploy/settings-in-base.ts'
import { type GatewayProcess, startGateway } from '../test/gateway-process.ts'
import { LiveClient } from '../test/live-client.ts'
import {
  faultsOf,
  type MovingClient,
  movesOf,
  NO_FAULTS,
  spreadOf,
  startClients
} from '../test/moving-clients.ts'
import { type Observatory, startObservatory } from '../test/observatory.ts'
import { type Balancer, startBalancer } from './balancers.ts'

/** What every client of these tests watches. */
const TOPIC = 'evt.summit.MTMount.0.n'
/** Only a failure takes as long. */
export const WAIT_MS = 80_000

/** Gateways as processes behind a balancer, with a broker, somebody who publishes, and clients. */
export interface BalancedSite {
  readonly observatory: Observatory
  /** Address through the balancer. */
  readonly url: string
  /** Starts the gateway of this slot, from 0; resolves when it is ready. */
  start(slot: number): Promise<GatewayProcess>
  /** Waits until the balancer sends clients to each of these gateways. */
  isKnown(names: readonly string[]): Promise<void>
  /** Those that run, by the names that clients know them by. */
  readonly running: Map<string, GatewayProcess>
  /** Connects clients through the balancer, and waits until all are live. */
  connect(count: number, isDeaf?: boolean): Promise<readonly MovingClient[]>
  /** Publishes one more value, and waits until every client has all values, each once. */
  judge(t: Test, clients: readonly MovingClient[]): Promise<void>
  /** A metric of one gateway: the sum over its labels. */
  metric(name: string, metric: string): Promise<number>
}

export const nameOf = (slot: number): string => `gateway-${slot}`

const base = settingsInBase('gateway')
/** What a gateway of every overlay drains and holds. */
const OF_BASE = { DRAIN_MS: base.get('DRAIN_MS') ?? '', NODE_OPTIONS: base.get('NODE_OPTIONS') ?? '' }
/**
 * Settings of an overlay's gateway, but connections alone say how busy it is: what a processor is to do that other
 * tests share does not count.
 */
const SETTINGS = { ...OF_BASE, TARGET_CONNECTIONS: '10', TARGET_LOOP: '1', LOG_LEVEL: 'info' }

interface SiteOptions {
  readonly slots: number
  /** Of the gateways. */
  readonly settings?: Record<string, string>
  /** By which clients reach the balancer; default: ws. */
  readonly scheme?: 'ws' | 'wss'
}

/** A site with a balancer over `slots` gateways, of which none runs yet. It ends with the test. */
export async function startSite(
  t: Test,
  balancer: Balancer,
  { slots, settings = {}, scheme = 'ws' }: SiteOptions
): Promise<BalancedSite> {
  const observatory = await startObservatory()
  t.teardown(() => observatory.stop())
  const ports: number[] = []
  for (let i = 0; i < slots; i++) ports.push(await freePort())
  const proxy = await startBalancer(balancer, ports)
  t.teardown(() => proxy.stop())
  const url = `${scheme}://127.0.0.1:${proxy.port}/live`
  const running = new Map<string, GatewayProcess>()
  t.teardown(() => Promise.all([...running.values()].map(gateway => gateway.end('SIGKILL'))))
  const log = createPublicationLog()
  publishUntilEnd(t, observatory, log)
  return {
    observatory,
    url,
    running,
    async start(slot) {
      const own = { NAME: nameOf(slot), PORT: String(ports[slot]) }
      const gateway = await startGateway(observatory.nats.url, { ...SETTINGS, ...settings, ...own })
      running.set(nameOf(slot), gateway)
      return gateway
    },
    async isKnown(names) {
      const met = new Set<string>()
      await waitFor(
        async () => {
          const probe = await LiveClient.open(proxy.port)
          met.add((await probe.next('welcome')).gateway)
          probe.ws.close()
          return names.every(name => met.has(name))
        },
        { what: 'the balancer to know its gateways', timeoutMs: WAIT_MS }
      )
    },
    async connect(count, isDeaf = false) {
      const clients = startClients({ count, url: () => url, pattern: TOPIC, log, isDeaf })
      t.teardown(() => {
        for (const { client } of clients) client.close()
      })
      await allLive(clients)
      return clients
    },
    async judge(t, clients) {
      await allLive(clients)
      const isWhole = (): boolean =>
        clients.every(({ history }) => history.report('latest').stale.length === 0)
      await waitFor(isWhole, { what: 'every client to have the last value', timeoutMs: WAIT_MS })
      t.match(faultsOf(clients), NO_FAULTS, `${log.of(TOPIC).length} values, nothing lost, nothing twice`)
    },
    async metric(name, metric) {
      const text = await (await fetch(`http://127.0.0.1:${running.get(name)?.port}/metrics`)).text()
      const lines = text.split('\n').filter(line => line.startsWith(`${metric}{`))
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    }
  }
}

const allLive = (clients: readonly MovingClient[]): Promise<unknown> =>
  waitFor(() => clients.every(({ isLive, client }) => isLive && client.status().state === 'live'), {
    what: 'all clients to be live',
    timeoutMs: WAIT_MS
  })

/** Five values a second. */
function publishUntilEnd(t: Test, { broker, put }: Observatory, log: PublicationLog): void {
  let n = 0
  const timer = setInterval(() => {
    if (broker.state() !== 'connected') return
    const id = n++
    void put(TOPIC, { n: id }).then(
      seq => log.published(TOPIC, String(id), seq),
      () => undefined
    )
  }, 200)
  t.teardown(() => clearInterval(timer))
}

/** Waits until no gateway of these has more than `limit` times the mean; gives the spread. */
export async function evenWithin(
  clients: readonly MovingClient[],
  names: readonly string[],
  limit: number
): Promise<readonly number[]> {
  const spread = (): number[] => spreadOf(clients, names)
  await waitFor(() => unevenness(spread()) <= limit, { what: 'an even spread', timeoutMs: WAIT_MS }).catch(
    cause => {
      throw new Error(`clients are spread ${spread().join('/')}`, { cause })
    }
  )
  return spread()
}
/** The largest against the mean: 1 is even. */
export const unevenness = (counts: readonly number[]): number =>
  (Math.max(...counts) * counts.length) /
  Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0)
  )

/** How many connections ended by each close code. */
export function closesOf(clients: readonly MovingClient[]): Record<number, number> {
  const all = clients.flatMap(({ codes }) => codes)
  return Object.fromEntries(
    [...new Set([CLOSE.normal.code, ...all])].map(code => [code, all.filter(one => one === code).length])
  )
}

/** Clients that all gateways have hinted away so far. */
export const hintsOf = async (site: BalancedSite): Promise<number> => {
  const counts = await Promise.all(
    [...site.running.keys()].map(name => site.metric(name, 'meridian_gateway_moves_total'))
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Waits until everybody who was hinted away has moved, and for three seconds nobody is any more. */
export async function quiet(site: BalancedSite, clients: readonly MovingClient[]): Promise<void> {
  let last = -1
  let sinceMs = performance.now()
  await waitFor(
    async () => {
      const hints = await hintsOf(site)
      if (hints !== last || movesOf(clients) < hints) sinceMs = performance.now()
      last = hints
      return performance.now() - sinceMs > 3_000
    },
    { what: 'the last moves', timeoutMs: WAIT_MS }
  )
}
