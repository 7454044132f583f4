import { type Broker, type BrokerSubscription, lastValues } from '@meridian/broker'
import { heartbeatsOf, parseSubject, subjectTable } from '@meridian/subjects'
import type { Logger } from 'pino'
import type { HeartbeatMonitor } from './heartbeat-monitor.ts'

/** The broker that heartbeats come from, and the monitor that they go to. */
export interface WatchHeartbeatsOptions {
  readonly broker: Broker
  readonly site: string
  readonly heartbeats: HeartbeatMonitor
  readonly log: Logger
}

/** Age of the oldest heartbeat read at the start, ms: as long as the slowest component may be silent. */
const BACK_MS = 15_000
const TIMEOUT_MS = 3_000

/**
 * Subscribes to all heartbeats of the site and then reads the last one of each component from the stream,
 * where it is younger than 15 s. A stream that cannot be read is logged; the monitor then waits for new
 * heartbeats.
 */
export async function watchHeartbeats(options: WatchHeartbeatsOptions): Promise<BrokerSubscription> {
  const { broker, site, heartbeats, log } = options
  const note = (subject: string, atMs?: number): void => {
    const instance = instanceOf(subject)
    if (instance !== undefined) heartbeats.beat(instance.csc, instance.index, atMs)
  }
  const subscription = broker.subscribe(heartbeatsOf(site), ({ subject }) => note(subject))
  try {
    const sinceMs = Date.now() - BACK_MS
    const last = { stream: subjectTable.hb.stream, subjects: [heartbeatsOf(site)], timeoutMs: TIMEOUT_MS }
    for await (const { subject, timeUs } of lastValues(broker, last))
      if (timeUs / 1000 >= sinceMs) note(subject, timeUs / 1000)
  } catch (err) {
    log.warn({ err }, 'last heartbeats not read, waiting for new ones')
  }
  return subscription
}

/** The instance that a heartbeat's subject names; undefined for any other subject. */
function instanceOf(subject: string): { csc: string; index: number } | undefined {
  try {
    const parsed = parseSubject(subject)
    return parsed.class === 'hb' ? parsed : undefined
  } catch {
    return undefined
  }
}
