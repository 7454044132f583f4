import type { Logger } from 'pino'

/** One message, and where it goes; the stream is found by its subject. */
export interface Publication {
  /** Tokens of printable ASCII, without wildcards. */
  readonly subject: string
  /** Not copied: it must not change any more. */
  readonly data: Uint8Array
  /**
   * Becomes `Nats-Msg-Id`: the same id within the stream's duplicate window is stored once. Printable ASCII.
   */
  readonly id: string
  /** Telemetry is dropped before events. All messages of a subject are of one kind. */
  readonly kind: 'telemetry' | 'event'
}

/** Bounds of a publisher, and its log. */
export interface PublisherOptions {
  readonly log: Logger
  /** Messages of telemetry in flight; events have a quarter of it for themselves. Default 2,000. */
  readonly windowMessages?: number
  /**
   * Bytes kept while the broker is away or slow, 200 per message for what surrounds it included; default 64
   * MB.
   */
  readonly spoolBytes?: number
  /** Silence after which a message is sent again; default 1.5 s, doubled at each retry up to 10 s. */
  readonly ackTimeoutMs?: number
  /**
   * Called with each message that is refused for good, which is counted and logged as well; for operators, who
   * read neither. It must not publish before it has returned.
   */
  readonly onRefused?: (refusal: PublicationRefusal) => void
}

/** A message that the broker will never take, and why in words. */
export interface PublicationRefusal {
  readonly subject: string
  readonly reason: string
}

/**
 * What became of the messages, since the publisher was made; all but `pending` and `spoolBytes` only grow.
 */
export interface PublisherStats {
  readonly published: number
  readonly acked: number
  /** Of `acked`: the stream had them already. Of those in batches it does not say so. */
  readonly duplicates: number
  readonly retried: number
  /** Sent as one: two or more messages of a subject. */
  readonly batches: number
  /** Of `batches`: those that were not stored as such, whose messages went one by one. */
  readonly splitBatches: number
  readonly droppedTelemetry: number
  readonly droppedEvents: number
  /** The broker will never take them: bad, too big or not permitted. */
  readonly refused: number
  /** Messages taken and not yet settled: queued behind their subject, or sent. */
  readonly pending: number
  readonly spoolBytes: number
}

/** Publishes to streams without loss while the spool lasts [docs/nats.md#publishing]. */
export interface Publisher {
  /** Takes a message; never waits, never throws for want of a broker. */
  publish(message: Publication): void
  /**
   * Resolves true when everything taken so far is settled, false after `timeoutMs`; with `whileStored` false at once too
   * when the broker has answered "not now" to all that is on its way, as where the stream is full.
   */
  flush(timeoutMs: number, options?: { readonly whileStored?: boolean }): Promise<boolean>
  /** Ends; what is pending is forgotten, so flush before. */
  stop(): void
  stats(): PublisherStats
}
