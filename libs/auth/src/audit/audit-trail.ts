import { append, type Broker, createPublisher } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import type { AuditRecord } from '@meridian/protocol/http'
import { auditOf } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import { ulid } from 'ulid'
import type { AuthEvent } from '../users/auth-event.ts'
import { createRefusalSums } from './refusal-sums.ts'

/** What was done and refused, on `audit.<site>.<what>`, for 90 days [docs/security.md#audit]. */
export interface AuditTrail {
  /**
   * Writes what has happened; never waits, never throws. While the broker is away or the stream is full records wait, 4 MB of them. Of
   * refusals each minute has the first of each user and address, and the sum of the others.
   */
  tell(event: AuthEvent): void
  /**
   * Writes what is about to be changed, and resolves when it is stored. Throws BRK_STREAM_FULL, BRK_UNAVAILABLE or
   * BRK_TIMEOUT: then it must not be done, for nobody could see that it was.
   */
  announce(event: AuthEvent): Promise<void>
  /** Tells what could not be announced and is done all the same, since it takes rights away: logged as an error, and counted. */
  tellUnannounced(event: AuthEvent, why: AppError): void
  /** How often that was so. */
  unannounced(): number
  /** Records that will never be written: more than may wait, or refused for good. */
  lost(): number
  /**
   * Writes the sums and what waits, for as long as that may take, and no longer than the stream takes it: what a full one
   * does not take is lost, and the log says how many.
   */
  stop(timeoutMs: number): Promise<void>
}

/** Where the audit is written, and who writes it. */
export interface AuditTrailOptions {
  readonly broker: Broker
  readonly site: string
  /** Name of the process. */
  readonly name: string
  readonly clock: Pick<Clock, 'taiSeconds'>
  readonly log: Logger
  /** Over which refusals are summed; default: a minute. */
  readonly sumMs?: number
}

const SUM_MS = 60_000
/** Whoever disables a user waits so long for an audit that is away. */
const ANNOUNCE_MS = 3_000
const SPOOL_BYTES = 4 * 1024 * 1024
const encoder = new TextEncoder()

/**
 * Begins the trail of a process, with a publisher of its own. The sums of refusals are written every `sumMs`;
 * it must be stopped.
 */
export function createAuditTrail({
  broker,
  site,
  name: process,
  clock,
  log,
  sumMs = SUM_MS
}: AuditTrailOptions): AuditTrail {
  const publisher = createPublisher(broker, { log, spoolBytes: SPOOL_BYTES })
  const sums = createRefusalSums()
  const messageOf = (event: AuthEvent, times?: number) => {
    const record: AuditRecord = {
      ...{ time: clock.taiSeconds(), process, ...event },
      ...(times !== undefined && { times })
    }
    const data = encoder.encode(JSON.stringify(record))
    return { subject: auditOf(site, event.what), data, id: ulid() }
  }
  const publish = (event: AuthEvent, times?: number): void =>
    publisher.publish({ ...messageOf(event, times), kind: 'event' })
  const tellSums = (): void => {
    for (const { event, times } of sums.take()) publish(event, times)
  }
  const timer = setInterval(tellSums, sumMs)
  let unannounced = 0
  return {
    tell(event) {
      if (event.code === undefined || sums.isFirst(event)) publish(event)
    },
    announce: async event => void (await append(broker, { ...messageOf(event), timeoutMs: ANNOUNCE_MS })),
    tellUnannounced(event, { code }) {
      unannounced++
      log.error({ ...event, code }, 'the audit cannot be written: rights were taken away all the same')
      publish(event)
    },
    unannounced: () => unannounced,
    lost() {
      const { refused, droppedEvents } = publisher.stats()
      return refused + droppedEvents
    },
    async stop(timeoutMs) {
      clearInterval(timer)
      tellSums()
      await publisher.flush(timeoutMs, { whileStored: true })
      const { pending } = publisher.stats()
      if (pending > 0) log.error({ records: pending }, 'records of the audit were not stored, and are lost')
      publisher.stop()
    }
  }
}
