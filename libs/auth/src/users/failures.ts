/** How failures of one kind are counted. */
export interface FailureRules {
  /** Failures after which nothing is slowed down yet. */
  readonly free: number
  /** Keys that are kept at most; the one that failed longest ago is forgotten first. */
  readonly mostKeys: number
}

interface Count {
  failures: number
  /** Tries under way. */
  open: number
  /** The next try is taken from then on; UTC ms. */
  freeAtMs: number
  lastMs: number
}

const MOST_WAIT_MS = 300_000
/** After so long without a failure a key is as new. */
const FORGET_MS = 3_600_000

/** Counts failures by key and says how long to wait: 1 s after the free ones, doubled by each, up to five minutes. */
export interface Failures {
  /** Ms until a try is taken; 0: now. */
  waitMs(key: string): number
  /** A try begins; it ends by one of the functions. */
  open(key: string): { failed(): void; succeeded(): void; cancelled(): void }
}

/** Counts in memory, which is bounded. */
export function createFailures({ free, mostKeys }: FailureRules, nowMs: () => number): Failures {
  const counts = new Map<string, Count>()

  function countOf(key: string): Count {
    const known = counts.get(key)
    if (known !== undefined && nowMs() - known.lastMs < FORGET_MS) return known
    return { failures: 0, open: 0, freeAtMs: 0, lastMs: nowMs() }
  }

  /** Keeps a count as the youngest. */
  function keep(key: string, count: Count): void {
    counts.delete(key)
    counts.set(key, count)
    if (counts.size > mostKeys) counts.delete(counts.keys().next().value as string)
  }

  function close(count: Count): void {
    count.open = Math.max(0, count.open - 1)
  }

  return {
    waitMs(key) {
      const { failures, open, freeAtMs } = countOf(key)
      // More at once than are free would all be taken before the first is found wrong.
      if (open > 0 && failures + open >= free) return 1_000
      return Math.max(0, freeAtMs - nowMs())
    },
    open(key) {
      const count = countOf(key)
      count.open++
      keep(key, count)
      return {
        cancelled: () => close(count),
        succeeded() {
          close(count)
          count.failures = 0
          count.freeAtMs = 0
        },
        failed() {
          close(count)
          count.failures++
          count.lastMs = nowMs()
          const doubled = 1_000 * 2 ** (count.failures - free)
          if (count.failures >= free) count.freeAtMs = nowMs() + Math.min(doubled, MOST_WAIT_MS)
          keep(key, count)
        }
      }
    }
  }
}
