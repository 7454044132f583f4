import { matches, type Pattern, tokensOf } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'

/** A pattern that somebody uses or lately used, with the topics under it. */
interface PatternUse<User> {
  readonly pattern: Pattern
  readonly topics: Set<LiveTopic>
  readonly users: Set<User>
  /** How often it is pinned: by those who will be users when all their patterns are matched. */
  pins: number
}

/**
 * Which topics fall under which patterns: worked out once for each new topic and each new pattern, never for
 * a message.
 */
export interface PatternIndex<User> {
  /** Gives everybody who uses a pattern that matches the new topic. */
  addTopic(topic: LiveTopic): ReadonlySet<User>
  /** Gives everybody who uses a pattern that matches the topic. */
  removeTopic(topic: LiveTopic): ReadonlySet<User>
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

/** Patterns without a user that stay matched, and their topics: who subscribes again costs no walk. */
const MAX_UNUSED = 256
const MAX_UNUSED_TOPICS = 200_000

/** An index without topics and patterns. `onWalk` is told of each topic that is held against a new pattern. */
export function createPatternIndex<User>(onWalk: (topics: number) => void = () => {}): PatternIndex<User> {
  const uses = new Map<string, PatternUse<User>>()
  const usesOf = new Map<LiveTopic, Set<PatternUse<User>>>()
  const topics = createTokenIndex()

  const begin = (pattern: Pattern): PatternUse<User> => {
    const candidates = topics.candidates(pattern)
    onWalk(candidates.size)
    const use = { pattern, topics: new Set<LiveTopic>(), users: new Set<User>(), pins: 0 }
    uses.set(pattern.text, use)
    for (const topic of candidates) {
      if (!matches(pattern, topic.subject)) continue
      use.topics.add(topic)
      usesOf.get(topic)?.add(use)
    }
    return use
  }
  const get = (pattern: Pattern): PatternUse<User> => uses.get(pattern.text) ?? begin(pattern)
  const unused = createUnusedPatterns<User>(use => {
    uses.delete(use.pattern.text)
    for (const topic of use.topics) usesOf.get(topic)?.delete(use)
  })

  return {
    addTopic(topic) {
      topics.add(topic)
      const matching = new Set<PatternUse<User>>()
      usesOf.set(topic, matching)
      for (const use of uses.values()) {
        if (!matches(use.pattern, topic.subject)) continue
        matching.add(use)
        use.topics.add(topic)
      }
      return usersOf(matching)
    },
    removeTopic(topic) {
      topics.remove(topic)
      const matching = usesOf.get(topic) ?? new Set()
      usesOf.delete(topic)
      for (const use of matching) use.topics.delete(topic)
      return usersOf(matching)
    },
    topicsOf(pattern) {
      const use = get(pattern)
      unused.keep(use)
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
      unused.keep(use)
    },
    costOf: pattern => (uses.has(pattern.text) ? 0 : topics.candidates(pattern).size),
    use(pattern, user) {
      const use = get(pattern)
      unused.delete(pattern.text)
      use.users.add(user)
      return use.topics
    },
    release(pattern, user) {
      const use = uses.get(pattern.text)
      use?.users.delete(user)
      if (use !== undefined) unused.keep(use)
    }
  }
}

/** Patterns without a user, the one that was wanted last at the end. */
interface UnusedPatterns<User> {
  /** Keeps a pattern that has neither users nor pins, and forgets the oldest beyond the limits. */
  keep(use: PatternUse<User>): void
  /** The pattern of this text is used again. */
  delete(text: string): void
}

function createUnusedPatterns<User>(onForget: (use: PatternUse<User>) => void): UnusedPatterns<User> {
  const unused = new Map<string, PatternUse<User>>()
  return {
    keep(use) {
      if (use.users.size > 0 || use.pins !== 0) return
      const { text } = use.pattern
      unused.delete(text)
      unused.set(text, use)
      let kept = 0
      for (const { topics } of unused.values()) kept += topics.size
      for (const oldest of unused.values()) {
        if (unused.size <= MAX_UNUSED && kept <= MAX_UNUSED_TOPICS) break
        kept -= oldest.topics.size
        unused.delete(oldest.pattern.text)
        onForget(oldest)
      }
    },
    delete: text => void unused.delete(text)
  }
}

function usersOf<User>(uses: Iterable<PatternUse<User>>): ReadonlySet<User> {
  const users = new Set<User>()
  for (const use of uses) for (const user of use.users) users.add(user)
  return users
}

/** Topics by each token of their subjects and its place. */
interface TokenIndex {
  add(topic: LiveTopic): void
  remove(topic: LiveTopic): void
  /**
   * The topics that have the rarest token of a pattern: few, or none, for nearly any pattern that names
   * something.
   */
  candidates(pattern: Pattern): ReadonlySet<LiveTopic>
}

// A client may send tens of thousands of patterns: each must cost what it finds, not a walk over all topics.
function createTokenIndex(): TokenIndex {
  const all = new Set<LiveTopic>()
  const places: Map<string, Set<LiveTopic>>[] = []
  return {
    add(topic) {
      all.add(topic)
      tokensOf(topic.subject).forEach((token, place) => {
        places[place] ??= new Map()
        const tokens = places[place]
        const same = tokens.get(token)
        if (same === undefined) tokens.set(token, new Set([topic]))
        else same.add(topic)
      })
    },
    remove(topic) {
      all.delete(topic)
      tokensOf(topic.subject).forEach((token, place) => {
        const same = places[place]?.get(token)
        same?.delete(topic)
        if (same?.size === 0) places[place]?.delete(token)
      })
    },
    candidates({ tokens }) {
      let rarest: ReadonlySet<LiveTopic> = all
      for (let place = 0; place < tokens.length; place++) {
        const token = tokens[place]
        if (token === undefined || token === '*') continue
        const same = places[place]?.get(token)
        if (same === undefined) return NO_TOPICS
        if (same.size < rarest.size) rarest = same
      }
      return rarest
    }
  }
}

const NO_TOPICS: ReadonlySet<LiveTopic> = new Set()
