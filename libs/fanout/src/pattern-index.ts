import { matches, type Pattern } from '@meridian/subjects'
import { createFiledPatterns, type FiledPattern } from './filed-patterns.ts'
import type { LiveTopic } from './live-topic.ts'
import type { TopicName } from './message.ts'
import { createTokenIndex, NO_TOPICS } from './token-index.ts'
import { createUnusedPatterns } from './unused-patterns.ts'

/**
 * A pattern that somebody uses or lately used, with the topics under it. Most of many patterns match nothing and
 * have one user, so its sets are made on first use.
 */
class PatternUse<User> implements FiledPattern {
  readonly pattern: Pattern
  file: FiledPattern['file']
  /** How often it is pinned: by those who will be users when all their patterns are matched. */
  pins = 0
  #topics: Set<LiveTopic> | undefined
  #users: Set<User> | undefined

  constructor(pattern: Pattern) {
    this.pattern = pattern
  }

  get topics(): ReadonlySet<LiveTopic> {
    return this.#topics ?? NO_TOPICS
  }

  get users(): ReadonlySet<User> {
    return this.#users ?? (NOBODY as ReadonlySet<User>)
  }

  addTopic(topic: LiveTopic): void {
    this.#topics ??= new Set()
    this.#topics.add(topic)
  }

  removeTopic(topic: LiveTopic): void {
    this.#topics?.delete(topic)
    if (this.#topics?.size === 0) this.#topics = undefined
  }

  addUser(user: User): void {
    this.#users ??= new Set()
    this.#users.add(user)
  }

  removeUser(user: User): void {
    this.#users?.delete(user)
    if (this.#users?.size === 0) this.#users = undefined
  }
}

const NOBODY: ReadonlySet<unknown> = new Set()

/**
 * Which topics fall under which patterns: worked out once for each new topic and each new pattern, never for
 * a message.
 */
export interface PatternIndex<User> {
  /** Gives everybody who uses patterns that match the new topic, with those patterns. */
  addTopic(topic: LiveTopic): ReadonlyMap<User, readonly Pattern[]>
  /** Gives everybody who uses a pattern that matches the topic. */
  removeTopic(topic: LiveTopic): Iterable<User>
  /** The patterns over a topic, in use or not; undefined where the index does not have it. */
  patternsOf(topic: TopicName): readonly Pattern[] | undefined
  /** The topics under a pattern, which stays matched for a while. */
  topicsOf(pattern: Pattern): ReadonlySet<LiveTopic>
  /** Matches a pattern and keeps it matched until `unpin`; both may be nested. */
  pin(pattern: Pattern): ReadonlySet<LiveTopic>
  unpin(pattern: Pattern): void
  /** How many topics would be walked to match a pattern; 0 where it is matched already. */
  costOf(pattern: Pattern): number
  /** Gives the topics under the pattern; those that come later are told by `addTopic` until `release`. */
  use(pattern: Pattern, user: User): ReadonlySet<LiveTopic>
  release(pattern: Pattern, user: User): void
}

/** An index without topics and patterns. `onWalk` is told of each topic that is held against a new pattern. */
export function createPatternIndex<User>(onWalk: (topics: number) => void = () => {}): PatternIndex<User> {
  const uses = new Map<string, PatternUse<User>>()
  const filed = createFiledPatterns<PatternUse<User>>()
  const usesOf = new Map<TopicName, Set<PatternUse<User>>>()
  const topics = createTokenIndex()

  const begin = (pattern: Pattern): PatternUse<User> => {
    const candidates = topics.candidates(pattern)
    onWalk(candidates.size)
    const use = new PatternUse<User>(pattern)
    uses.set(pattern.text, use)
    filed.add(use)
    for (const topic of candidates) {
      if (!matches(pattern, topic.subject)) continue
      use.addTopic(topic)
      usesOf.get(topic)?.add(use)
    }
    return use
  }
  const get = (pattern: Pattern): PatternUse<User> => uses.get(pattern.text) ?? begin(pattern)
  const unused = createUnusedPatterns<PatternUse<User>>(use => {
    uses.delete(use.pattern.text)
    filed.remove(use)
    for (const topic of use.topics) usesOf.get(topic)?.delete(use)
  })
  const keepUnused = (use: PatternUse<User>): void => {
    if (use.users.size === 0 && use.pins === 0) unused.keep(use)
  }

  return {
    addTopic(topic) {
      topics.add(topic)
      const matching = new Set<PatternUse<User>>()
      usesOf.set(topic, matching)
      for (const use of filed.candidates(topic.subject)) {
        if (!matches(use.pattern, topic.subject)) continue
        matching.add(use)
        use.addTopic(topic)
        unused.grow(use, 1)
      }
      return patternsByUser(matching)
    },
    removeTopic(topic) {
      topics.remove(topic)
      const matching = usesOf.get(topic) ?? new Set()
      usesOf.delete(topic)
      for (const use of matching) {
        unused.grow(use, -1)
        use.removeTopic(topic)
      }
      return patternsByUser(matching).keys()
    },
    patternsOf(topic) {
      const matching = usesOf.get(topic)
      return matching && Array.from(matching, ({ pattern }) => pattern)
    },
    topicsOf(pattern) {
      const use = get(pattern)
      keepUnused(use)
      return use.topics
    },
    pin(pattern) {
      const use = get(pattern)
      unused.delete(pattern.text)
      use.pins++
      return use.topics
    },
    unpin(pattern) {
      const use = uses.get(pattern.text)
      if (use === undefined) return
      use.pins--
      keepUnused(use)
    },
    costOf: pattern => (uses.has(pattern.text) ? 0 : topics.candidates(pattern).size),
    use(pattern, user) {
      const use = get(pattern)
      unused.delete(pattern.text)
      use.addUser(user)
      return use.topics
    },
    release(pattern, user) {
      const use = uses.get(pattern.text)
      use?.removeUser(user)
      if (use !== undefined) keepUnused(use)
    }
  }
}

function patternsByUser<User>(uses: Iterable<PatternUse<User>>): ReadonlyMap<User, readonly Pattern[]> {
  const patterns = new Map<User, Pattern[]>()
  for (const { pattern, users } of uses)
    for (const user of users) {
      const own = patterns.get(user)
      if (own === undefined) patterns.set(user, [pattern])
      else own.push(pattern)
    }
  return patterns
}
