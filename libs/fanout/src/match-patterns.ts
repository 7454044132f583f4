import type { Pattern } from '@meridian/subjects'
import type { HubCounts } from './hub-counts.ts'
import type { PatternIndex } from './pattern-index.ts'

/** Patterns that stay matched until they are released. */
export interface Matched {
  /** Topics under all of them together, each counted for each pattern. */
  readonly topics: number
  release(): void
}

/** Topics and patterns that are walked in one turn of the event loop. */
const SLICE = 20_000

/**
 * Matches patterns, each text once, so much in one turn of the event loop that nobody else waits for it:
 * at once where most are matched already, else over several turns.
 */
export function matchPatterns<User>(
  patterns: readonly Pattern[],
  index: PatternIndex<User>,
  counts: Pick<HubCounts, 'slices'>
): Matched | Promise<Matched> {
  let topics = 0
  let at = 0
  const isDone = (): boolean => {
    for (let walked = 0; at < patterns.length && walked < SLICE; at++) {
      const pattern = patterns[at] as Pattern
      walked += index.costOf(pattern) + 1
      topics += index.pin(pattern).size
    }
    return at === patterns.length
  }
  const matched = (): Matched => ({
    topics,
    release() {
      for (const pattern of patterns) index.unpin(pattern)
    }
  })
  return isDone() ? matched() : inSlices(isDone, counts).then(matched)
}

async function inSlices(isDone: () => boolean, counts: Pick<HubCounts, 'slices'>): Promise<void> {
  do {
    counts.slices++
    await new Promise<void>(resolve => setImmediate(resolve))
  } while (!isDone())
}
