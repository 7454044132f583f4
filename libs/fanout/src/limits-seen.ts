/** What a stream has kept of each subject, as it was read from time to time: somebody may change the limit. */
export interface LimitsSeen {
  /** The stream keeps so many messages of a subject now; `seq` is its last sequence. */
  note(maxPerSubject: number, seq: number): void
  /**
   * The least that it has kept of a subject at any time since it stored `seq`; Infinity where no limit was
   * seen.
   */
  leastSince(seq: number): number
  clear(): void
}

interface Limit {
  readonly maxPerSubject: number
  /** The stream's last sequence when another limit was seen. */
  readonly upTo: number
}

/** Changes of limits that are remembered, the newest. */
const MAX_CHANGES = 100

/** Creates a list that has seen no limit. */
export function createLimitsSeen(): LimitsSeen {
  let past: readonly Limit[] = []
  let current = Number.POSITIVE_INFINITY
  return {
    note(maxPerSubject, seq) {
      if (maxPerSubject === current) return
      if (current !== Number.POSITIVE_INFINITY)
        past = [...past, { maxPerSubject: current, upTo: seq }].slice(-MAX_CHANGES)
      current = maxPerSubject
    },
    leastSince(seq) {
      const then = past.filter(({ upTo }) => upTo > seq).map(limit => limit.maxPerSubject)
      return Math.min(current, ...then)
    },
    clear() {
      past = []
      current = Number.POSITIVE_INFINITY
    }
  }
}
