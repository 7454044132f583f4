import type { Degradation } from './ladder.ts'

/** Totals of what was sent to all connections. */
export interface FlushCounts {
  frames: number
  /** Data records, each counted once per connection that gets it. */
  records: number
  bytes: number
  /** Messages that could not be encoded in the codec of a connection, and were left out. */
  failures: number
}

/** What a hub counts for the metrics, from its start; numbers only grow. */
export interface HubCounts extends FlushCounts {
  /** Messages taken in from all streams, unreadable ones included. */
  messages: number
  /** Messages of streams that were gone before they were read. */
  missed: number
  /** Messages that could not be read, and were skipped. */
  bad: number
  /**
   * Work that clients asked for: patterns, names of fields that they choose, topics held against them, topics
   * put into views and sent, and 100 bytes of last values and replays each.
   */
  work: number
  /** Connections cut off for being slow. */
  slow: number
  /** Of those, the ones cut off because all together held too much. */
  relieved: number
  /** Moves on the ladder, by the step that they came to. */
  readonly degradations: Record<Degradation, number>
  /** Streams of cursors, by what became of them. */
  readonly resumes: { resumed: number; snapshot: number; gap: number }
}

/** The counts of a hub that has done nothing yet. */
export const createHubCounts = (): HubCounts => ({
  messages: 0,
  missed: 0,
  bad: 0,
  slow: 0,
  relieved: 0,
  degradations: { none: 0, slower: 0, latest: 0, paused: 0 },
  work: 0,
  frames: 0,
  records: 0,
  bytes: 0,
  failures: 0,
  resumes: { resumed: 0, snapshot: 0, gap: 0 }
})
