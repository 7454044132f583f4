import type { Broker, BrokerMessage } from '@meridian/broker'
import { type CommanderHeartbeat, parseCommanderHeartbeat, readRecord } from '@meridian/protocol/commands'
import { commanderAliveOf } from '@meridian/subjects'
import type { Clock } from '@meridian/time'

/**
 * Tracks which commanders of the site are alive by their heartbeats on `cmdr.<site>.alive`, and publishes
 * this commander's own.
 */
export interface CommanderRegistry {
  start(): void
  /**
   * Stops, and publishes a last heartbeat with `leaving`, so that the others adopt its commands without
   * waiting 5 s.
   */
  leave(): void
  /** Whether the commander with this boot id sent no heartbeat for 5 s, or announced that it leaves. */
  isSilent(boot: string): boolean
}

/** The name and boot id that go into this commander's heartbeats; `boot` differs at each start. */
export interface CommanderRegistryOptions {
  readonly broker: Broker
  readonly site: string
  readonly name: string
  readonly boot: string
  readonly clock: Clock
}

const BEAT_MS = 1_000
const SILENT_MS = 5_000
const FORGET_MS = 60_000

/** Creates an empty registry; `start` subscribes and begins to publish a heartbeat every second. */
export function createCommanderRegistry({
  broker,
  site,
  name,
  boot,
  clock
}: CommanderRegistryOptions): CommanderRegistry {
  const subject = commanderAliveOf(site)
  const lastSeenMs = new Map<string, number>()
  let sinceMs = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let subscription: { unsubscribe(): void } | undefined

  const publishHeartbeat = (leaving: boolean): void => {
    const alive: CommanderHeartbeat = { commander: name, boot, time: clock.taiSeconds(), leaving }
    broker.publish(subject, JSON.stringify(alive))
  }
  const onHeartbeat = (message: BrokerMessage): void => {
    const alive = readRecord(parseCommanderHeartbeat, message)
    if (alive === undefined) return
    if (lastSeenMs.size > 1_000) forget(lastSeenMs, clock.steadyMs() - FORGET_MS)
    lastSeenMs.set(alive.boot, alive.leaving === true ? Number.NEGATIVE_INFINITY : clock.steadyMs())
  }
  const stop = (): void => {
    clearInterval(timer)
    subscription?.unsubscribe()
  }
  return {
    start() {
      sinceMs = clock.steadyMs()
      subscription = broker.subscribe(subject, onHeartbeat)
      timer = setInterval(() => publishHeartbeat(false), BEAT_MS)
      publishHeartbeat(false)
    },
    leave() {
      stop()
      publishHeartbeat(true)
    },
    // A commander that sent nothing yet counts as silent only after this one has listened for 5 s.
    isSilent: other =>
      other !== boot &&
      clock.steadyMs() - Math.max(lastSeenMs.get(other) ?? sinceMs, Number.MIN_SAFE_INTEGER) > SILENT_MS
  }
}

function forget(lastSeenMs: Map<string, number>, beforeMs: number): void {
  for (const [boot, ms] of lastSeenMs) if (ms < beforeMs) lastSeenMs.delete(boot)
}
