import { commanderAliveOf } from '@meridian/subjects'
import { parseCommanderHeartbeat } from './commander-heartbeat.ts'
import { type RecordMessage, readRecord } from './records.ts'

/** The part of a broker that listening needs. */
interface HeartbeatBroker {
  subscribe(subject: string, callback: (message: RecordMessage) => void): { unsubscribe(): void }
}

/**
 * How far the clocks of the commanders are from a door's own, so that the door can tell them until when it
 * waits. A part of the door's service: it listens to the heartbeats of the commanders while it runs.
 */
export interface CommanderClock {
  readonly name: string
  start(context: { readonly broker: HeartbeatBroker }): void
  stop(): void
  /** The moment `timeoutMs` from now by the commanders' clocks, TAI seconds: `acceptBy` of a request. */
  acceptBy(timeoutMs: number): number
}

/** Heartbeats of one commander whose time counts: the one that came fastest says most. */
const SAMPLES = 8
const FORGET_SECONDS = 60

interface Measured {
  /** Commander's clock minus ours, seconds; each too small by the time that its heartbeat took. */
  readonly offsets: readonly number[]
  readonly heardAt: number
}

/**
 * Creates one that takes the clocks for equal until a heartbeat was heard. Where those of several commanders
 * differ, the earliest counts: none of them may accept what its asker no longer waits for.
 */
export function createCommanderClock(site: string, taiSeconds: () => number): CommanderClock {
  const measured = new Map<string, Measured>()
  let subscription: { unsubscribe(): void } | undefined

  function observe(message: RecordMessage): void {
    const { boot = '', time, leaving } = readRecord(parseCommanderHeartbeat, message) ?? {}
    const now = taiSeconds()
    for (const [other, { heardAt }] of measured) if (now - heardAt > FORGET_SECONDS) measured.delete(other)
    if (time === undefined) return
    const { offsets = [] } = measured.get(boot) ?? {}
    if (leaving === true) measured.delete(boot)
    else measured.set(boot, { offsets: [...offsets.slice(1 - SAMPLES), time - now], heardAt: now })
  }

  return {
    name: 'the clock of the commanders',
    start({ broker }) {
      subscription = broker.subscribe(commanderAliveOf(site), observe)
    },
    stop: () => subscription?.unsubscribe(),
    acceptBy(timeoutMs) {
      const offsets = [...measured.values()].map(one => Math.max(...one.offsets))
      return taiSeconds() + (offsets.length === 0 ? 0 : Math.min(...offsets)) + timeoutMs / 1000
    }
  }
}
