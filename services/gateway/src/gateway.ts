import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openPrincipal, openRights, type Principal, type Rights } from '@meridian/auth'
import { type Broker, connectBroker, serveMicro } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { createHub, type HistorySource } from '@meridian/fanout'
import { addHealthRoutes, type Readiness, type Service, VERSION } from '@meridian/service'
import { systemClock } from '@meridian/time'
import Fastify from 'fastify'
import type { Logger } from 'pino'
import { createCommandDoor } from './command-door.ts'
import type { GatewayConfig } from './config.ts'
import { createFollowers, type Followers, STREAMS } from './followers.ts'
import { createGatewayMetrics } from './gateway-metrics.ts'
import { startLoadHeartbeat } from './load-heartbeat.ts'
import { createSessionDoor } from './session-door.ts'
import { createStreamHistory } from './stream-history.ts'

/** What a deployment may put in place of the open mode. */
export interface GatewayParts {
  readonly rights?: Rights
  readonly authenticate?: (request: IncomingMessage) => Principal
}

/** A gateway, and where it listens once it has started. */
export interface Gateway extends Service {
  port(): number
}

/** Share of the drain time over which clients are hinted away, and at which those that are left are closed. */
const SPREAD = 0.6
const DEADLINE = 0.8

/** starting (not ready: snapshots are cold) -> serving -> draining (no upgrades, clients hinted away) -> stopped. */
type State = 'starting' | 'serving' | 'draining' | 'stopped'

/** The native WebSocket door. */
export function createGateway(config: GatewayConfig, log: Logger, parts: GatewayParts = {}): Gateway {
  const { rights = openRights, authenticate = () => openPrincipal } = parts
  const name = config.NAME === '' ? `gateway-${process.pid}` : config.NAME
  const app = Fastify({ logger: false, forceCloseConnections: true })
  let state: State = 'starting'
  let broker: Broker | undefined
  let followers: Followers | undefined
  const closers: (() => void | Promise<void>)[] = []

  const connected = (): Broker => {
    if (broker === undefined) throw new AppError('BRK_UNAVAILABLE')
    return broker
  }
  const hub = createHub({
    streams: STREAMS,
    history: historyOf(connected),
    ring: { ms: config.RING_MS, bytes: config.RING_BYTES },
    maxBufferedBytes: config.MAX_BUFFERED_BYTES,
    maxSubscriptions: config.MAX_SUBSCRIPTIONS,
    maxTopics: config.MAX_TOPICS,
    onBad: warnSometimes(log)
  })
  const metrics = createGatewayMetrics(hub, { refused: new Map() })
  const brokerState = (): 'connected' | 'lost' => (broker?.state() === 'connected' ? 'connected' : 'lost')

  const door = createSessionDoor({
    config,
    name,
    hub,
    rights,
    authenticate,
    commands: () => createCommandDoor(connected(), { site: config.SITE, rights }),
    broker: brokerState,
    onRefused: metrics.refused,
    closedFor() {
      if (state === 'serving') return undefined
      return new AppError(state === 'starting' ? 'GTW_NOT_READY' : 'GTW_DRAINING')
    }
  })
  const readiness = (): Readiness => {
    if (state === 'serving') return { ready: true }
    if (state !== 'starting') return { ready: false, why: 'draining' }
    return { ready: false, why: `waiting for the past of ${followers?.cold().join(', ') ?? 'the broker'}` }
  }

  /** The others, and the `nats` tool, learn that we are here. */
  const announce = (to: Broker): readonly (() => void | Promise<void>)[] => {
    const description = `${name}: live data of ${config.SITE} over WebSocket`
    const micro = serveMicro(to, { name: 'gateway', version: VERSION, description })
    const stopLoad = startLoadHeartbeat(to, {
      id: name,
      site: config.SITE,
      connections: () => door.connections,
      sentBytes: () => hub.counts.bytes,
      ready: () => state === 'serving',
      draining: () => state === 'draining'
    })
    return [stopLoad, () => micro.stop()]
  }

  return {
    port: () => (app.server.address() as AddressInfo).port,
    async start() {
      if (rights === openRights) log.warn('open mode: everybody may read and command everything')
      addHealthRoutes(app, { readiness, metrics })
      door.attach(app.server)
      await app.listen({ host: config.HOST, port: config.PORT })
      broker = await connectBroker({ servers: config.NATS_URL, name, log })
      closers.push(hub.run(), tellBrokerState(broker, hub.broadcast))
      metrics.read('meridian_broker_connected', () => (brokerState() === 'connected' ? 1 : 0))
      metrics.read('meridian_broker_reconnects_total', () => broker?.stats().reconnects ?? 0)
      followers = createFollowers(broker, hub, { name, ringMs: config.RING_MS, log })
      await followers.start()
      closers.push(...announce(broker))
      if (state === 'starting') state = 'serving'
    },
    async stop() {
      if (state === 'draining' || state === 'stopped') return
      state = 'draining'
      await door.drain(config.DRAIN_MS * SPREAD, config.DRAIN_MS * DEADLINE)
      state = 'stopped'
      door.close()
      await followers?.stop()
      for (const close of closers.reverse()) await close()
      await app.close()
      await broker?.drain()
    }
  }
}

/** The history of a broker that is connected later than the hub is made. */
const historyOf = (broker: () => Broker): HistorySource => ({
  range: stream => createStreamHistory(broker()).range(stream),
  storedAt: (stream, seq) => createStreamHistory(broker()).storedAt(stream, seq),
  read: range => createStreamHistory(broker()).read(range)
})

type Broadcast = (record: { op: 'broker'; broker: 'connected' | 'lost'; time: number }) => void

/** Clients learn when the broker goes and comes: while it is away, values grow old. */
function tellBrokerState(broker: Broker, broadcast: Broadcast): () => void {
  return broker.onState(state => {
    if (state === 'connected' || state === 'disconnected')
      broadcast({
        op: 'broker',
        broker: state === 'connected' ? 'connected' : 'lost',
        time: systemClock.taiSeconds()
      })
  })
}

const WARN_EVERY_MS = 10_000

/** Says at most every ten seconds that something unreadable came; all of it is counted. */
function warnSometimes(log: Logger): (stream: string, subject: string, err: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return (stream, subject, err) => {
    const now = performance.now()
    if (now - lastMs < WARN_EVERY_MS) return
    lastMs = now
    log.warn({ stream, subject, err }, 'message cannot be read and is left out')
  }
}
