import type { Broker } from './broker.ts'

/** One subject that a service answers on. */
export interface MicroEndpoint {
  readonly name: string
  readonly subject: string
  readonly queueGroup: string
}

/** What a service says of itself. */
export interface MicroOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string
  /** Semantic version. */
  readonly version: string
  readonly description: string
  readonly endpoints?: readonly MicroEndpoint[]
  readonly metadata?: Readonly<Record<string, string>>
  /** Requests served by an endpoint; shown by `nats micro stats`. */
  readonly stats?: (endpoint: string) => MicroStats
}

/** Counts of one endpoint. */
export interface MicroStats {
  readonly requests: number
  readonly errors: number
  readonly lastError?: string
  /** Sum of the time taken, ms. */
  readonly processingMs: number
}

/** A running responder. */
export interface Micro {
  readonly id: string
  stop(): Promise<void>
}

/** Answers `$SRV` so that the `nats micro` commands see the service. */
export declare function serveMicro(broker: Broker, options: MicroOptions): Micro
