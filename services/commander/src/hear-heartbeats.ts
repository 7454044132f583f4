import { type Broker, type BrokerSubscription, lastValues } from '@meridian/broker'
import { heartbeatsOf, parseSubject, subjectTable } from '@meridian/subjects'
import type { Logger } from 'pino'
import type { Heartbeats } from './heartbeats.ts'

/** Where heartbeats come from and go to. */
export interface HearOptions {
  readonly broker: Broker
  readonly site: string
  readonly heartbeats: Heartbeats
  readonly log: Logger
}

/** Heartbeats of so long ago count at the start, ms: as long as the slowest component may be silent. */
const BACK_MS = 15_000
const TIMEOUT_MS = 3_000

/** Listens to all heartbeats of the site, and begins with the last one of each component, unless it is older than 15 s. */
export async function hearHeartbeats(options: HearOptions): Promise<BrokerSubscription> {
  const { broker, site, heartbeats, log } = options
  const note = (subject: string, atMs?: number): void => {
    const instance = instanceOf(subject)
    if (instance !== undefined) heartbeats.heard(instance.csc, instance.index, atMs)
  }
  const subscription = broker.subscribe(heartbeatsOf(site), ({ subject }) => note(subject))
  try {
    const sinceMs = Date.now() - BACK_MS
    const last = { stream: subjectTable.hb.stream, subjects: [heartbeatsOf(site)], timeoutMs: TIMEOUT_MS }
    for await (const { subject, timeUs } of lastValues(broker, last))
      if (timeUs / 1000 >= sinceMs) note(subject, timeUs / 1000)
  } catch (err) {
    log.warn({ err }, 'heartbeats of the last seconds not read, waiting for new ones')
  }
  return subscription
}

/** Whose heartbeat a subject is; what is nobody's is passed over. */
function instanceOf(subject: string): { csc: string; index: number } | undefined {
  try {
    const parsed = parseSubject(subject)
    return parsed.class === 'hb' ? parsed : undefined
  } catch {
    return undefined
  }
}
