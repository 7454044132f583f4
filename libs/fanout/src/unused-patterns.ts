import type { Pattern } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'

/** A pattern that may be kept without a user. */
interface KeptPattern {
  readonly pattern: Pattern
  readonly topics: ReadonlySet<LiveTopic>
}

/** Patterns without a user that stay matched, the one that was wanted last at the end: who subscribes again costs no walk. */
export interface UnusedPatterns<Kept> {
  /** Keeps a pattern, and forgets the oldest beyond the limits. */
  keep(one: Kept): void
  /** The pattern of this text is used again. */
  delete(text: string): void
  /** A pattern has so many topics more, or fewer. */
  grow(one: Kept, topics: number): void
}

const MAX_UNUSED = 256
const MAX_UNUSED_TOPICS = 200_000

/** None are kept. `onForget` is told of each that is not kept any more and not used either. */
export function createUnusedPatterns<Kept extends KeptPattern>(
  onForget: (one: Kept) => void
): UnusedPatterns<Kept> {
  const unused = new Map<string, Kept>()
  let topics = 0
  const take = (text: string): Kept | undefined => {
    const one = unused.get(text)
    if (one === undefined) return undefined
    unused.delete(text)
    topics -= one.topics.size
    return one
  }
  return {
    keep(one) {
      const { text } = one.pattern
      take(text)
      unused.set(text, one)
      topics += one.topics.size
      while (unused.size > MAX_UNUSED || topics > MAX_UNUSED_TOPICS) {
        const [oldest = text] = unused.keys()
        const forgotten = take(oldest)
        if (forgotten !== undefined) onForget(forgotten)
      }
    },
    delete: text => void take(text),
    grow(one, more) {
      if (unused.has(one.pattern.text)) topics += more
    }
  }
}
