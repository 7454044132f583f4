import type { Hole } from './holes.ts'
import type { ReadMessage } from './read-log.ts'

/** A message as a stream holds it; `timeUs` is when it was stored, UTC microseconds. */
export interface StoredMessage {
  readonly seq: number
  readonly timeUs: number
  readonly subject: string
  readonly data: Uint8Array
}

/**
 * What a stream holds at one moment: the sequences of its first and last message, and what is missing between
 * them.
 */
export interface StoredRange {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  /** Sequences from the first to the last one of which it holds nothing any more. */
  readonly holes: number
  /** Messages that the stream keeps of one subject; Infinity: no such limit. */
  readonly maxPerSubject: number
}

/** What to read of a stream: both ends belong to it. */
export interface ReadRange {
  readonly stream: string
  /** NATS filters that do not overlap; none: every subject of the stream. */
  readonly subjects: readonly string[]
  readonly fromSeq: number
  readonly toSeq: number
}

/** What was read of a range, by sequence; it goes on behind `upTo`. */
export interface StoredPart {
  readonly messages: readonly StoredMessage[]
  /** Everything up to here was read. */
  readonly upTo: number
}

/** What was removed of a stream on purpose, which is a loss to nobody. */
export interface Forgotten {
  has(seq: number): boolean
  /**
   * How many messages from sequence `seq` on are not stored any more: it may be that some were to be removed
   * only. Throws what the source throws.
   */
  countRemoved(seq: number): Promise<number>
  /** Up to here everything of a subject was removed; 0: nothing was. */
  upToOf(subject: string): number
}

/** The streams themselves, asked when a cursor is older than the ring. */
export interface HistorySource {
  range(stream: string): Promise<StoredRange>
  /** When message `seq` was stored, UTC microseconds; undefined when the stream has it no more. */
  storedAt(stream: string, seq: number): Promise<number | undefined>
  /** The messages of a range in order, fewer where that is more than one resume may cost, or the signal ends it. */
  read(range: ReadRange, signal?: AbortSignal): Promise<StoredPart>
  /** The sequences that `range` counts as holes, in order; one answer lists them all. */
  holes(stream: string): Promise<readonly number[]>
  /** Which messages a stream holds from one sequence to another, all of them in order. */
  subjectsIn(stream: string, range: Hole): Promise<readonly ReadMessage[]>
  /** What was removed of the run of a stream that has this epoch, as `range` tells it. */
  forgotten(stream: string, epoch: string): Promise<Forgotten>
}
