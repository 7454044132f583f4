import {
  type Broker,
  type BrokerMessage,
  type BrokerSubscription,
  lastValues,
  type StreamMessage,
  streamState
} from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { decodeSample } from '@meridian/sample'
import type { ServicePart } from '@meridian/service'
import { heartbeatsOf, readSubject, subjectTable } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import type { HeartbeatMonitor } from './heartbeat-monitor.ts'

/** The broker that heartbeats come from, and the monitor that they go to. */
export interface WatchHeartbeatsOptions {
  readonly broker: Broker
  readonly site: string
  readonly heartbeats: HeartbeatMonitor
  readonly clock: Pick<Clock, 'steadyMs'>
  readonly log: Logger
}

/** A part that needs nothing of the process that it runs in. */
export interface SelfContainedPart extends ServicePart {
  start(): Promise<void>
}

const TIMEOUT_MS = 5_000

/**
 * The part that hears all heartbeats of the site, the only one of a commander that does. At its start it
 * reads the last one of each instance that the stream still has. A stream that cannot be read is logged; the
 * monitor then waits for new heartbeats.
 */
export function watchHeartbeats({
  broker,
  site,
  heartbeats,
  clock,
  log
}: WatchHeartbeatsOptions): SelfContainedPart {
  let subscription: BrokerSubscription | undefined

  /** Throws WIR_BAD_SAMPLE for what is no heartbeat: JetStream may have been made to write there [adr/0018]. */
  function note({ subject, data }: Pick<BrokerMessage, 'subject' | 'data'>, atMs?: number): void {
    const at = readSubject(subject)
    if (at?.class !== 'hb') return
    if (!(decodeSample(data).sndStamp > 0)) throw new AppError('WIR_BAD_SAMPLE', { detail: subject })
    heartbeats.beat(at.csc, at.index, atMs)
  }

  function noteLast(message: StreamMessage, atMs: number): void {
    try {
      note(message, atMs)
    } catch (err) {
      log.warn({ err, subject: message.subject }, 'last heartbeat is none')
    }
  }

  async function readLast(): Promise<void> {
    const { stream } = subjectTable.hb
    const last = { stream, subjects: [heartbeatsOf(site)], timeoutMs: TIMEOUT_MS }
    try {
      const { brokerMs } = await streamState(broker, stream)
      // Stamps of the broker are as old as its clock says; ours may be another.
      const aheadMs = clock.steadyMs() - brokerMs
      for await (const message of lastValues(broker, last))
        noteLast(message, Math.min(message.timeUs / 1000 + aheadMs, clock.steadyMs()))
    } catch (err) {
      log.warn({ err }, 'last heartbeats not read, waiting for new ones')
    }
  }

  return {
    name: 'the heartbeats of components',
    async start() {
      subscription = broker.subscribe(heartbeatsOf(site), note)
      await readLast()
    },
    stop: () => subscription?.unsubscribe()
  }
}
