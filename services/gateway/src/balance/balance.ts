import type { Broker } from '@meridian/broker'
import type { GatewayLoad } from '@meridian/protocol/live'
import type { Metrics, ServicePart } from '@meridian/service'
import { gatewayLoadOf } from '@meridian/subjects'
import type { Logger } from 'pino'
import type { GatewayConfig } from '../config.ts'
import type { Connection } from '../connection.ts'
import { createLoadMeter } from './load-meter.ts'
import { createMover, type Mover } from './mover.ts'
import { createPeers, type Peers } from './peers.ts'
import { connectionsToShed } from './shed-decision.ts'

/** What the balance looks at: the gateway's own figures and connections. */
export interface BalanceOptions {
  readonly config: GatewayConfig
  /** Open connections, the oldest first. */
  readonly sessions: () => Iterable<Connection>
  readonly connections: () => number
  readonly sentBytes: () => number
  /** Whether clients are served. */
  readonly isReady: () => boolean
}

const EVERY_MS = 500
/** Balancers ask whether a backend is there every second or two. */
const NOTICED_MS = 3_000
/** After a decision for bytes or event loop, which show its effect late, the next one waits so long. */
const SLOW_EFFECT_MS = 2_000

/**
 * Twice a second: tells the other gateways the load, hints connections away where it is above the mean of all,
 * and those that are here too long [docs/adr/0013-shedding.md].
 */
export function balance(options: BalanceOptions): ServicePart {
  let stop = (): void => {}
  return {
    name: 'the balance',
    start({ broker, metrics, log, name, stopping }) {
      const { SITE: site, TARGET_CONNECTIONS, TARGET_EGRESS_BPS, TARGET_LOOP } = options.config
      const peers = createPeers(name)
      const meter = createLoadMeter({
        id: name,
        targets: { connections: TARGET_CONNECTIONS, egressBps: TARGET_EGRESS_BPS, elu: TARGET_LOOP },
        connections: options.connections,
        sentBytes: options.sentBytes,
        ready: createReadyForLong(() => options.isReady() && !stopping.aborted),
        draining: () => stopping.aborted
      })
      const beat = createBeat({
        broker,
        peers,
        meter,
        log,
        mover: createCountedMover(options, metrics),
        options
      })
      metrics.read('meridian_gateway_load_score', beat.score)
      metrics.read('meridian_gateway_peers', () => peers.live().length)
      metrics.read('meridian_gateway_bad_loads_total', peers.bad)
      const heard = broker.subscribe(gatewayLoadOf(site), ({ data }) => peers.hear(data))
      const timer = setInterval(beat.once, EVERY_MS)
      stop = () => {
        clearInterval(timer)
        heard.unsubscribe()
      }
    },
    stop: () => stop()
  }
}

/**
 * True once `isReady` has been for as long as balancers take to notice: clients that are hinted away before would
 * come back to where they were.
 */
function createReadyForLong(isReady: () => boolean, nowMs = () => performance.now()): () => boolean {
  let sinceMs = Number.POSITIVE_INFINITY
  return () => {
    if (!isReady()) sinceMs = Number.POSITIVE_INFINITY
    else if (sinceMs === Number.POSITIVE_INFINITY) sinceMs = nowMs()
    return nowMs() - sinceMs >= NOTICED_MS
  }
}

function createCountedMover({ config, sessions }: BalanceOptions, metrics: Metrics): Mover {
  const moves = metrics.counter('meridian_gateway_moves_total')
  const overdue = metrics.counter('meridian_gateway_moves_overdue_total')
  return createMover({
    sessions,
    deadlineMs: config.MOVE_DEADLINE_MS,
    onHint: reason => moves.inc({ reason }),
    onOverdue: () => overdue.inc()
  })
}

interface BeatParts {
  readonly broker: Broker
  readonly peers: Peers
  readonly meter: () => GatewayLoad
  readonly mover: Mover
  readonly log: Logger
  readonly options: BalanceOptions
}

/** One round: measure, tell, decide, hint. */
function createBeat({ broker, peers, meter, mover, log, options }: BeatParts) {
  const { REBALANCE: isOn, TARGET_CONNECTIONS: target, SITE: site } = options.config
  let score = 0
  let restUntilMs = 0

  function rebalance(load: GatewayLoad): void {
    const heard = peers.live()
    const asked = connectionsToShed({ ...load, leaving: mover.leaving() }, heard)
    const hinted = asked === 0 ? 0 : mover.shed(asked)
    if (hinted === 0) return
    const byConnections = load.conns / target >= load.score
    if (!byConnections) restUntilMs = performance.now() + SLOW_EFFECT_MS
    const scores = heard.map(peer => peer.score)
    log.info(
      { hinted, conns: load.conns, score, peers: scores },
      'busier than the others: clients are hinted away'
    )
  }

  return {
    score: () => score,
    once(): void {
      const load = meter()
      score = load.score
      if (broker.state() === 'connected') broker.publish(gatewayLoadOf(site), JSON.stringify(load))
      if (load.draining) return
      mover.sweep()
      if (isOn && performance.now() >= restUntilMs) rebalance(load)
    }
  }
}
