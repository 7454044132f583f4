import type { Broker } from './broker.ts'
import type { StreamMessage } from './stream-message.ts'

/** How far a stream reaches. */
export interface StreamState {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly messages: number
  readonly bytes: number
}

/** What part of a stream to read. Reading ends at whichever bound comes first. */
export interface ReadOptions {
  readonly stream: string
  /** Patterns; empty: all. */
  readonly subjects: readonly string[]
  readonly from: { readonly seq: number } | { readonly timeUs: number }
  /** The last sequence wanted; default: what the stream held when reading began. */
  readonly toSeq?: number
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** The last message on a subject. */
export declare function lastMessage(
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined>
/** The message with a sequence. */
export declare function messageAt(
  broker: Broker,
  stream: string,
  seq: number
): Promise<StreamMessage | undefined>
/** How far a stream reaches. */
export declare function streamState(broker: Broker, stream: string): Promise<StreamState>
/** Reads a bounded part of a stream. */
export declare function readStream(broker: Broker, options: ReadOptions): AsyncIterable<StreamMessage>
