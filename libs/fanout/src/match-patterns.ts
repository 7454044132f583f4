import type { Pattern } from '@meridian/subjects'
import type { PatternIndex } from './pattern-index.ts'
import type { Work } from './work-turns.ts'

/** Patterns that stay matched until they are released. */
export interface Matched {
  /** Topics under all of them together, each counted for each pattern. */
  readonly topics: number
  release(): void
}

/** Topics and patterns that are walked in one piece: about a millisecond. */
const PIECE = 5_000

/** Matches patterns, each text once, in pieces where that is much. */
export function* matchPatterns<User>(patterns: readonly Pattern[], index: PatternIndex<User>): Work<Matched> {
  let topics = 0
  let walked = 0
  for (const pattern of patterns) {
    walked += index.costOf(pattern) + 1
    topics += index.pin(pattern).size
    if (walked < PIECE) continue
    walked = 0
    yield
  }
  return {
    topics,
    release() {
      for (const pattern of patterns) index.unpin(pattern)
    }
  }
}
