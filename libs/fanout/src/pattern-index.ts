import { matches, type Pattern } from '@meridian/subjects'
import type { Topic } from './topic.ts'
import type { View } from './view.ts'

/** A pattern that at least one view has, with the topics under it. */
export interface PatternUse {
  readonly pattern: Pattern
  readonly topics: Set<Topic>
  readonly views: Set<View>
}

/** Which topics fall under which patterns: worked out once for each new topic and each new pattern, never for a message. */
export interface PatternIndex {
  addTopic(topic: Topic): void
  removeTopic(topic: Topic): void
  /** The topics under a pattern, whether or not it is in use. */
  topicsOf(pattern: Pattern): Iterable<Topic>
  use(pattern: Pattern, view: View): PatternUse
  release(pattern: Pattern, view: View): void
}

/** An empty index. */
export function createPatternIndex(): PatternIndex {
  const uses = new Map<string, PatternUse>()
  const topics = createTokenIndex()

  const search = function* (pattern: Pattern): Iterable<Topic> {
    for (const topic of topics.candidates(pattern)) if (matches(pattern, topic.subject)) yield topic
  }

  return {
    addTopic(topic) {
      topics.add(topic)
      for (const use of uses.values())
        if (matches(use.pattern, topic.subject)) {
          use.topics.add(topic)
          topic.patterns.add(use)
        }
    },
    removeTopic(topic) {
      topics.remove(topic)
      for (const use of topic.patterns) use.topics.delete(topic)
    },
    topicsOf: pattern => uses.get(pattern.text)?.topics ?? search(pattern),
    use(pattern, view) {
      let use = uses.get(pattern.text)
      if (use === undefined) {
        use = { pattern, topics: new Set(search(pattern)), views: new Set() }
        uses.set(pattern.text, use)
        for (const topic of use.topics) topic.patterns.add(use)
      }
      use.views.add(view)
      return use
    },
    release(pattern, view) {
      const use = uses.get(pattern.text)
      use?.views.delete(view)
      if (use === undefined || use.views.size > 0) return
      uses.delete(pattern.text)
      for (const topic of use.topics) topic.patterns.delete(use)
    }
  }
}

/** Topics by each token of their subjects and its place. */
interface TokenIndex {
  add(topic: Topic): void
  remove(topic: Topic): void
  /** The topics that have the rarest token of a pattern: few, or none, for nearly any pattern that names something. */
  candidates(pattern: Pattern): Iterable<Topic>
}

// A client may send tens of thousands of patterns: each must cost what it finds, not a walk over all topics.
function createTokenIndex(): TokenIndex {
  const all = new Set<Topic>()
  const places: Map<string, Set<Topic>>[] = []
  return {
    add(topic) {
      all.add(topic)
      topic.subject.split('.').forEach((token, place) => {
        places[place] ??= new Map()
        const tokens = places[place]
        const same = tokens.get(token)
        if (same === undefined) tokens.set(token, new Set([topic]))
        else same.add(topic)
      })
    },
    remove(topic) {
      all.delete(topic)
      topic.subject.split('.').forEach((token, place) => {
        const same = places[place]?.get(token)
        same?.delete(topic)
        if (same?.size === 0) places[place]?.delete(token)
      })
    },
    candidates({ tokens }) {
      let rarest: ReadonlySet<Topic> = all
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

const NO_TOPICS: ReadonlySet<Topic> = new Set()
