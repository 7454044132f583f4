import cookie from '@fastify/cookie'
import { type Access, createAccess, type Principal, tokenOfRequest } from '@meridian/auth'
import { type AuditPart, auditPart } from '@meridian/auth/audit'
import type { Broker } from '@meridian/broker'
import { loadObservatory } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createHub, createWorkTurns, type Hub, type WorkTurns } from '@meridian/fanout'
import { type CommanderClock, createCommanderClock } from '@meridian/protocol/commands'
import {
  addressKeyOf,
  createLimitLog,
  httpDoor,
  limitRequests,
  type Metrics,
  noTracer,
  parseOrigins,
  processBeat,
  type ServicePart,
  type ServiceParts,
  type Tracer
} from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { createAcceptPace } from './balance/accept-pace.ts'
import { balance } from './balance/balance.ts'
import { type BrokerAnswer, type BrokerWatch, watchBroker } from './broker-watch.ts'
import { createClientList } from './client-list.ts'
import { createClientLog } from './client-log.ts'
import { clientsEndpoint } from './clients-endpoint.ts'
import { createCommandDoor } from './command-door.ts'
import type { GatewayConfig } from './config.ts'
import type { Connection, ConnectionParts } from './connection.ts'
import { type ConnectionShares, createConnectionShares } from './connection-shares.ts'
import { addDebugRoute } from './debug-route.ts'
import { endWhoMustGo } from './end-who-must-go.ts'
import { EventStream, type EventsOpening } from './event-stream.ts'
import { addEventsRoute } from './events-route.ts'
import { followersPart, servedStreams } from './followers.ts'
import { forgetComponents } from './forget-components.ts'
import { addDeflateMetrics, addHubMetrics, createRefusals, createTickTimes } from './gateway-metrics.ts'
import { createLatency, type Latency } from './latency.ts'
import { addLiveRoute } from './live-route.ts'
import { Session, type SessionOpening, type SessionParts } from './session.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createStreamHistory } from './stream-history.ts'
import { warnSometimes } from './warn-sometimes.ts'
import { createDeflater, type Deflater } from './wire-frame.ts'

/** What a deployment may put in place of the site's log-in. */
export interface GatewayAccess {
  /** Rejects where a request speaks for nobody. Default: by its access token, as AUTH_MODE says. */
  readonly authenticate?: (request: FastifyRequest) => Promise<Principal>
}

/** Shares of DRAIN_MS: over which clients are hinted away, and at which those that are left are closed. */
const SPREAD = 0.6
const DEADLINE = 0.8

/**
 * The parts of a gateway. It is ready when the past of all streams has been read, and then also while the
 * broker is away. Throws CAT_… for a wrong site file, and CFG_INVALID for a role that the site lacks.
 */
export function gatewayParts(config: GatewayConfig, log: Logger, own: GatewayAccess = {}): ServiceParts {
  const { access, parts: accessParts } = createAccess(config, loadObservatory(config).site, log)
  const audit = auditPart(config.SITE)
  const { authenticate = request => access.identify(tokenOfRequest(request)) } = own
  let broker: Broker | undefined
  let tracer = noTracer
  const connected = (): Broker => {
    if (broker === undefined) throw new AppError('BRK_UNAVAILABLE')
    return broker
  }
  const commanderClock = createCommanderClock(config.SITE, systemClock.taiSeconds)
  const turns = createWorkTurns()
  const deflater = createDeflater()
  const latency = createLatency(systemClock)
  const hub = createHub({
    turns,
    onSent: latency.onSent,
    streams: servedStreams,
    history: createStreamHistory(connected, config.SITE, () => tracer),
    ring: { ms: config.RING_MS, bytes: config.RING_BYTES },
    maxBufferedBytes: config.MAX_BUFFERED_BYTES,
    maxWaitingBytes: config.MAX_WAITING_BYTES,
    maxSubscriptions: config.MAX_SUBSCRIPTIONS,
    maxPatterns: config.MAX_PATTERNS,
    maxTopics: config.MAX_TOPICS,
    onBad: warnSometimes(log)
  })
  let watch: BrokerWatch | undefined
  let sessions: Sessions | undefined
  const streams = followersPart(hub, config.RING_MS)
  return [
    ...accessParts,
    audit,
    fanout({ hub, latency, config, missing: streams.missing }, (opened, watched, ownTracer) => {
      broker = opened
      tracer = ownTracer
      watch = watched
    }),
    streams,
    balance({
      config,
      sessions: () => sessions?.all() ?? [],
      connections: () => sessions?.size ?? 0,
      sentBytes: () => hub.counts.bytes,
      isReady: () => streams.readiness?.().ready !== false
    }),
    processBeat('Gateway', config),
    clientsEndpoint(hub, config.SITE),
    commanderClock,
    liveDoor({
      config,
      hub,
      deflater,
      turns,
      access,
      audit,
      authenticate: request => authenticate(request).catch(caught => tellRefused(audit, request, caught)),
      commanderClock,
      broker: connected,
      brokerState: () => watch?.state() ?? 'lost',
      onSessions(made) {
        sessions = made
      }
    })
  ]
}

/** Tells the audit of a token that is not good; always throws. */
function tellRefused(audit: AuditPart, { ip: address }: FastifyRequest, caught: unknown): never {
  audit.tellRefused(AppError.from(caught), { address })
  throw caught
}

interface FanoutParts {
  readonly hub: Hub
  readonly latency: Latency
  readonly config: GatewayConfig
  /** Streams that the broker lacks. */
  readonly missing: () => readonly string[]
}

/** The hub: joins messages to frames at its ticks, and tells clients of the broker's state. */
function fanout(
  { hub, latency, config: { SITE: site }, missing }: FanoutParts,
  onStart: (broker: Broker, watch: BrokerWatch, tracer: Tracer) => void
): ServicePart {
  let stops: readonly (() => void)[] = []
  return {
    name: 'the hub',
    start({ broker, metrics, log, tracer }) {
      const onChange = (state: BrokerAnswer): void =>
        hub.broadcast({ op: 'broker', broker: state, time: systemClock.taiSeconds() })
      const watch = watchBroker({ broker, log, onChange, missing })
      onStart(broker, watch, tracer)
      addHubMetrics(metrics, hub)
      latency.addTo(metrics)
      metrics.read('meridian_gateway_broker_answer_seconds', watch.answerSeconds)
      stops = [watch.stop, forgetComponents(broker, site, hub, log), hub.run(createTickTimes(metrics))]
    },
    stop() {
      for (const stop of stops) stop()
    }
  }
}

interface LiveDoorParts {
  readonly config: GatewayConfig
  readonly hub: Hub
  readonly deflater: Deflater
  readonly turns: WorkTurns
  readonly access: Access
  readonly audit: AuditPart
  readonly authenticate: (request: FastifyRequest) => Promise<Principal>
  readonly commanderClock: CommanderClock
  readonly broker: () => Broker
  readonly brokerState: () => BrokerAnswer
  /** Gets the set of all connections, before the first of them. */
  readonly onSessions: (sessions: Sessions) => void
}

/** The doors at `/live` and `/live/events`: each connection gets a subscriber of the hub. They drain by hinting clients away. */
function liveDoor(parts: LiveDoorParts): ServicePart {
  const { config, hub, deflater, turns, access, audit, authenticate } = parts
  const { SITE: site } = config
  return httpDoor(
    async (app, { name: gateway, log, metrics, stopping, tracer }) => {
      await app.register(cookie)
      const countRefused = createRefusals(metrics)
      const clientLog = createClientLog(log)
      const onRefused = (code: string): void => {
        countRefused(code)
        clientLog.refused(code)
      }
      metrics.read('meridian_gateway_work_waited_total', () => turns.waited)
      addDeflateMetrics(metrics, deflater)
      const onLimited = createLimitLog(log)
      limitRequests(app, {
        ...{ by: 'address', perSecond: config.MAX_REQUESTS_PER_ADDRESS, onLimited },
        keyOf: ({ ip }) => addressKeyOf(ip)
      })
      const shares = createConnectionShares({
        perPrincipal: config.MAX_CONNECTIONS_PER_PRINCIPAL,
        perAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
        onLimited
      })
      const sessions = createSessionsOf(config, { metrics, log }, shares)
      const openers = openersOf(parts, sessions, tracer, {
        ...{ hub, rights: access.rights, access, audit, gateway, site, onRefused },
        maxWorkPerSecond: config.MAX_WORK_PER_SECOND,
        drawAgeMs: () => drawAge(config.MAX_AGE_MS),
        broker: parts.brokerState,
        onClosed: sessions.remove,
        onSlow: clientLog.slow
      })
      parts.onSessions(sessions)
      stopping.addEventListener('abort', endWhoMustGo(access, sessions))
      addDebugRoute(app, createClientList(hub, gateway, site))
      const pace = createAcceptPace(config.MAX_ACCEPTS_PER_SECOND)
      metrics.read('meridian_gateway_accepts_waited_total', pace.waited)
      const shared = {
        allowedOrigins: parseOrigins(config.ALLOWED_ORIGINS),
        maxConnections: config.MAX_CONNECTIONS,
        shares,
        ...{ access, pace, authenticate, sessions, onRefused }
      }
      await addLiveRoute(app, {
        ...{ ...shared, maxFrameBytes: config.MAX_FRAME_BYTES, open: openers.session },
        isCompressing: config.COMPRESSION
      })
      addEventsRoute(app, { ...shared, open: openers.events })
    },
    {
      server: { forceCloseConnections: true },
      refusals: { shut: 'GTW_NOT_READY', closing: 'GTW_DRAINING' }
    }
  )
}

/** The connections of this process: how they are kept alive, and let go within DRAIN_MS. */
function createSessionsOf(
  { PING_MS: pingMs, IDLE_MS: idleMs, DRAIN_MS: drainMs }: GatewayConfig,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
  shares: ConnectionShares
): Sessions {
  const moves = metrics.counter('meridian_gateway_moves_total')
  const sessions = createSessions({
    ...{ shares, pingMs, idleMs },
    spreadMs: drainMs * SPREAD,
    deadlineMs: drainMs * DEADLINE,
    onHint: () => moves.inc({ reason: 'drain' }),
    log
  })
  const isEvents = (one: Connection): boolean => one instanceof EventStream
  metrics.read('meridian_gateway_event_streams', () => [...sessions.all()].filter(isEvents).length)
  return sessions
}

/** What opens a session of `/live`, and a stream of `/live/events`. */
interface Openers {
  readonly session: (opening: SessionOpening) => void
  readonly events: (opening: EventsOpening) => EventStream
}

function openersOf(
  { config, deflater, broker, commanderClock }: LiveDoorParts,
  sessions: Sessions,
  tracer: Tracer,
  connectionParts: ConnectionParts
): Openers {
  // With the first session: before that there is no broker.
  let sessionParts: SessionParts | undefined
  return {
    session(opening) {
      sessionParts ??= {
        ...{ ...connectionParts, deflater, maxFrameBytes: config.MAX_FRAME_BYTES },
        maxFramesPerSecond: config.MAX_FRAMES_PER_SECOND,
        maxBytesPerSecond: config.MAX_BYTES_PER_SECOND,
        commands: createCommandDoor(broker(), { site: config.SITE, commanderClock, tracer })
      }
      sessions.add(new Session(sessionParts, opening))
    },
    events(opening) {
      const stream = new EventStream(connectionParts, opening)
      sessions.add(stream)
      return stream
    }
  }
}

/** By lot, so that those who came together do not leave together [docs/adr/0013-shedding.md]. */
const drawAge = (maxAgeMs: number): number =>
  maxAgeMs === 0 ? Number.POSITIVE_INFINITY : maxAgeMs * (0.8 + 0.4 * Math.random())
