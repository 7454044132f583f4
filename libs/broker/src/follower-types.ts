import type { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { StreamMessage } from './stream-message.ts'

/** Where a follower begins: the last value of every subject, or a time back from now. */
export type FollowerStart =
  | { readonly kind: 'last-per-subject' }
  | { readonly kind: 'since'; readonly ms: number }

/** What to follow and whom to tell. */
export interface FollowerOptions {
  /** Name of the process, part of the consumer's name: letters, digits, `-` and `_`. */
  readonly name: string
  readonly stream: string
  readonly start: FollowerStart
  /** Synchronous. Messages come in stream order, each once. One that throws is logged and counted. */
  readonly onMessage: (message: StreamMessage) => void
  /**
   * The log is another one, or has dropped what was not yet read: forget all of it; messages from a new start
   * follow.
   */
  readonly onReset: (reason: string) => void
  /**
   * Synchronous. These sequences will not come: the stream dropped them after the past was delivered and
   * before they were read. What stands behind them follows. Without it only holes inside the log are passed
   * over; where the head of the log has passed the reader, that is a reset.
   */
  readonly onHole?: (hole: SequenceHole) => void
  /**
   * Called before each further consumer, which is made when the promise has settled: what was purged while
   * there was none is told in no other way. Holes of that time follow.
   */
  readonly onSubjects?: (held: HeldSubjects) => Promise<void>
  readonly log: Logger
}

/** The subjects of which a stream holds a message. */
export interface HeldSubjects {
  readonly subjects: ReadonlySet<string>
  /** The stream's last sequence then: of what came behind it they say nothing. */
  readonly lastSeq: number
}

/** Sequences that a reader of a log never got: both ends belong to them. */
export interface SequenceHole {
  readonly from: number
  readonly to: number
}

/** A place in a log, precise enough to tell later whether the log is still the same. */
export interface Position {
  /** Name of this run of the log; a mirror has its origin's. */
  readonly epoch: string
  readonly seq: number
  /** UTC microseconds at which the stream stored message `seq`; 0 when that is not known. */
  readonly timeUs: number
}

/** How far a follower is, and what the stream keeps. */
export interface Head extends Position {
  /**
   * Messages that the stream keeps of one subject, as read when the consumer was made; Infinity: no such
   * limit.
   */
  readonly maxPerSubject: number
}

/** What a follower went through, since the start. */
export interface FollowerStats {
  readonly messages: number
  readonly bytes: number
  /** Number of consumers created so far, the first included. */
  readonly creations: number
  readonly resets: number
  /** Messages that the stream had dropped before they were read. */
  readonly skipped: number
  readonly callbackErrors: number
  /**
   * Messages that the stream held behind the last one that came, as the broker said with that one: 0 when the
   * follower has read everything. Nothing tells of more while nothing comes.
   */
  readonly pending: number
  /** Why there is no consumer, as the last try to make one told; undefined while there is one. */
  readonly failing: AppError | undefined
}

/** One unfiltered consumer on one stream, replaced whenever it may have failed [docs/nats.md#following]. */
export interface Follower {
  /**
   * Resolves when the first consumer runs. Throws BRK_NO_STREAM or BRK_NOT_PERMITTED; keeps trying over
   * anything else.
   */
  start(): Promise<void>
  stop(): Promise<void>
  /** True once everything that the stream held has been delivered, and until the next reset. */
  ready(): boolean
  whenReady(): Promise<void>
  head(): Head
  stats(): FollowerStats
}
