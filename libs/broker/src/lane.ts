import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import type { StreamMessage } from './stream-message.ts'

/** One message of a lane, to be settled by `ack` or `nak`. */
export interface LaneMessage extends StreamMessage {
  /** 1 at the first delivery. */
  readonly deliveries: number
  /** Settles it; resolves when the broker has confirmed. */
  ack(): Promise<void>
  /** Gives it back, to come again after `delayMs`. */
  nak(delayMs: number): void
  /** Asks for more time. */
  working(): void
}

/** Which messages to take, and what to do with one. */
export interface LaneOptions {
  readonly stream: string
  /** The consumer that all processes of the lane share. */
  readonly durable: string
  readonly filter: string
  /** The next message comes after the promise settled. A rejection gives the message back after a second. */
  readonly onMessage: (message: LaneMessage) => Promise<void>
  readonly log: Logger
  /** Time after which an unsettled message goes to another process; default 30 s. */
  readonly ackWaitMs?: number
}

/** A running lane. */
export interface Lane {
  /** Takes no more; resolves when the message in hand is settled. */
  stop(): Promise<void>
}

/** Takes messages one at a time and in order from a consumer shared by processes. */
export declare function consumeLane(broker: Broker, options: LaneOptions): Lane
