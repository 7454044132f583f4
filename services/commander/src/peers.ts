import type { Broker, BrokerMessage } from '@meridian/broker'
import { type CommanderHeartbeat, parseCommanderHeartbeat, readRecord } from '@meridian/protocol/commands'
import { commanderAliveOf } from '@meridian/subjects'
import type { Clock } from '@meridian/time'

/** Which commanders of the site live, by their heartbeats on `cmdr.<site>.alive`. */
export interface Peers {
  start(): void
  /** Says that this commander goes: others need not wait for its silence. */
  leave(): void
  stop(): void
  /** The commander of this boot was not heard for 5 s, or said that it goes. */
  silent(boot: string): boolean
  /** Commanders heard of late, this one left out. */
  others(): number
}

/** What this commander says of itself. */
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

/** Makes the list of commanders; `start` begins to beat and to listen. */
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
    stop,
    // Whoever was never heard is silent only after we have listened long enough to hear it.
    silent: other =>
      other !== boot &&
      clock.nowMs() - Math.max(heardMs.get(other) ?? sinceMs, Number.MIN_SAFE_INTEGER) > SILENT_MS,
    others: () =>
      [...heardMs].filter(([other, ms]) => other !== boot && clock.nowMs() - ms < SILENT_MS).length
  }
}

function forget(heardMs: Map<string, number>, beforeMs: number): void {
  for (const [boot, ms] of heardMs) if (ms < beforeMs) heardMs.delete(boot)
}
