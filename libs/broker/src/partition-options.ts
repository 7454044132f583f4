import type { Logger } from 'pino'
import type { StreamMessage } from './stream-message.ts'

/** One message of a partition, to be settled by `ack` or `nak`. */
export interface PartitionMessage extends StreamMessage {
  /** Number of this delivery; 1 at the first. */
  readonly deliveries: number
  /** Its headers, each name once. */
  headers(): Record<string, string>
  /**
   * Settles it; resolves when the broker has confirmed, however often it had to be told. Throws after
   * `ackWaitMs`, or BRK_REFUSED at once where the consumer was deleted meanwhile: then it comes again.
   */
  ack(): Promise<void>
  /** Gives it back, to come again after `delayMs`; the partition waits for it. */
  nak(delayMs: number): void
  /** Asks for more time: another `ackWaitMs` from now. */
  working(): void
}

/** Which messages to take, and what to do with one. */
export interface PartitionOptions {
  readonly stream: string
  /** The consumer that all processes of the partition share. */
  readonly durable: string
  readonly filter: string
  /**
   * The next message comes after this one is settled and the promise too. A rejection gives the message back
   * after a second.
   */
  readonly onMessage: (message: PartitionMessage) => Promise<void>
  readonly log: Logger
  /** Time after which an unsettled message goes to another process; default 30 s. */
  readonly ackWaitMs?: number
}
