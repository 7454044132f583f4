import type { Broker, ServiceEndpoint } from '@meridian/broker'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'
import type { Tracer } from './tracing/tracer.ts'

/** What all parts of a process share. */
export interface ProcessContext {
  /**
   * Name of this process in logs, records and the broker: NAME, by default the service and its process id.
   */
  readonly name: string
  readonly log: Logger
  readonly metrics: Metrics
  /** Traces nothing unless OpenTelemetry's environment names a receiver. */
  readonly tracer: Tracer
  /** Aborted when the service begins to stop; parts end their waits on it. */
  readonly stopping: AbortSignal
}

/** What a part finds when it starts: what all parts share, and the broker. */
export interface ServiceContext extends ProcessContext {
  /** Connected when the part starts; it reconnects by itself. */
  readonly broker: Broker
}

/**
 * One part of a service. Making a part may read files and check settings, but opens nothing. Parts are
 * started in their order and stopped in the reverse order, so a part may use those before it for as long as
 * it runs.
 */
export interface ServicePart {
  /** Name of what `/readyz` waits for while the part starts, such as "the streams". */
  readonly name: string
  /**
   * Resolves when the part serves. A rejection stops the parts that were started, this one included, and ends
   * the process with 1.
   */
  start(context: ServiceContext): void | Promise<void>
  /**
   * Refuses new work, finishes the current work and releases what it opened. May be called twice, and while
   * `start` is under way. The process ends at `untilMs` (of `performance.now()`), resolved or not.
   */
  stop(untilMs: number): void | Promise<void>
  /** Called for each `/readyz`; default: ready once started. */
  readiness?(): Readiness
  /** Subjects that this part serves, for `$SRV.INFO` and `$SRV.STATS`. Default: none. */
  endpoints?(): readonly ServiceEndpoint[]
}

/** The parts of a service, in the order of their start. */
export type ServiceParts = readonly ServicePart[]
