import { matches, type Pattern, tokensOf } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'

/** A pattern that somebody uses, with the topics under it. */
interface PatternUse<User> {
  readonly pattern: Pattern
  readonly topics: Set<LiveTopic>
  readonly users: Set<User>
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
  /** The topics under a pattern, whether or not it is in use. */
  topicsOf(pattern: Pattern): Iterable<LiveTopic>
  /** Gives the topics under the pattern; those that come later are told by `addTopic` until `release`. */
  use(pattern: Pattern, user: User): Iterable<LiveTopic>
  release(pattern: Pattern, user: User): void
}

/** An index without topics and patterns. */
export function createPatternIndex<User>(): PatternIndex<User> {
  const uses = new Map<string, PatternUse<User>>()
  const usesOf = new Map<LiveTopic, Set<PatternUse<User>>>()
  const topics = createTokenIndex()

  const search = function* (pattern: Pattern): Iterable<LiveTopic> {
    for (const topic of topics.candidates(pattern)) if (matches(pattern, topic.subject)) yield topic
  }
  const begin = (pattern: Pattern): PatternUse<User> => {
    const use = { pattern, topics: new Set(search(pattern)), users: new Set<User>() }
    uses.set(pattern.text, use)
    for (const topic of use.topics) usesOf.get(topic)?.add(use)
    return use
  }

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
    topicsOf: pattern => uses.get(pattern.text)?.topics ?? search(pattern),
    use(pattern, user) {
      const use = uses.get(pattern.text) ?? begin(pattern)
      use.users.add(user)
      return use.topics
    },
    release(pattern, user) {
      const use = uses.get(pattern.text)
      use?.users.delete(user)
      if (use === undefined || use.users.size > 0) return
      uses.delete(pattern.text)
      for (const topic of use.topics) usesOf.get(topic)?.delete(use)
    }
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
  candidates(pattern: Pattern): Iterable<LiveTopic>
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
