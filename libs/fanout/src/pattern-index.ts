import { matches, type Pattern } from '@meridian/wire'
import { classOf } from './message.ts'
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
  const byClass = new Map<string, Set<Topic>>()

  const candidates = function* (pattern: Pattern): Iterable<Topic> {
    const kind = pattern.tokens[0]
    if (kind === undefined || kind === '*') for (const topics of byClass.values()) yield* topics
    else yield* byClass.get(kind) ?? []
  }
  const search = function* (pattern: Pattern): Iterable<Topic> {
    for (const topic of candidates(pattern)) if (matches(pattern, topic.subject)) yield topic
  }

  return {
    addTopic(topic) {
      const kind = classOf(topic.subject)
      const sameClass = byClass.get(kind)
      if (sameClass === undefined) byClass.set(kind, new Set([topic]))
      else sameClass.add(topic)
      for (const use of uses.values())
        if (matches(use.pattern, topic.subject)) {
          use.topics.add(topic)
          topic.patterns.add(use)
        }
    },
    removeTopic(topic) {
      byClass.get(classOf(topic.subject))?.delete(topic)
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
