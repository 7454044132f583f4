import type { Broker, BrokerMessage } from '@meridian/broker'
import { type CommanderHeartbeat, parseCommanderHeartbeat, readRecord } from '@meridian/protocol/commands'
import { commanderAliveOf } from '@meridian/subjects'
import type { Clock } from '@meridian/time'

/** Knows which other commanders of the site are alive, from their heartbeats on `cmdr.<site>.alive`, and publishes this one's. */
export interface Peers {
  start(): void
  /** Stops, and tells the others that this commander leaves, so that they need not wait 5 s. */
  leave(): void
  /** Whether the commander of this boot sent no heartbeat for 5 s, or said that it leaves. */
  isSilent(boot: string): boolean
}

/** How this commander names itself to the others. */
export interface PeersOptions {
  readonly broker: Broker
  readonly site: string
  readonly name: string
  readonly boot: string
  readonly clock: Clock
}

const BEAT_MS = 1_000
const SILENT_MS = 5_000
const FORGET_MS = 60_000

/** No peers yet; `start` begins to publish and to subscribe. */
export function createPeers({ broker, site, name, boot, clock }: PeersOptions): Peers {
  const subject = commanderAliveOf(site)
  const heardMs = new Map<string, number>()
  let sinceMs = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let subscription: { unsubscribe(): void } | undefined

  const say = (leaving: boolean): void => {
    const alive: CommanderHeartbeat = { commander: name, boot, leaving }
    broker.publish(subject, JSON.stringify(alive))
  }
  const hear = (message: BrokerMessage): void => {
    const alive = readRecord(parseCommanderHeartbeat, message)
    if (alive === undefined) return
    if (heardMs.size > 1_000) forget(heardMs, clock.nowMs() - FORGET_MS)
    heardMs.set(alive.boot, alive.leaving === true ? Number.NEGATIVE_INFINITY : clock.nowMs())
  }
  const stop = (): void => {
    clearInterval(timer)
    subscription?.unsubscribe()
  }
  return {
    start() {
      sinceMs = clock.nowMs()
      subscription = broker.subscribe(subject, hear)
      timer = setInterval(() => say(false), BEAT_MS)
      say(false)
    },
    leave() {
      stop()
      say(true)
    },
    // A commander that sent nothing yet counts as silent only after this one has listened for 5 s.
    isSilent: other =>
      other !== boot &&
      clock.nowMs() - Math.max(heardMs.get(other) ?? sinceMs, Number.MIN_SAFE_INTEGER) > SILENT_MS
  }
}

function forget(heardMs: Map<string, number>, beforeMs: number): void {
  for (const [boot, ms] of heardMs) if (ms < beforeMs) heardMs.delete(boot)
}
