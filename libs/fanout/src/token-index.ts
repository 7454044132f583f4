import { type Pattern, tokensOf } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'

/** Topics by each token of their subjects and its place. */
export interface TokenIndex {
  add(topic: LiveTopic): void
  remove(topic: LiveTopic): void
  /**
   * The topics that have the rarest token of a pattern: few, or none, for nearly any pattern that names
   * something.
   */
  candidates(pattern: Pattern): ReadonlySet<LiveTopic>
}

/** An empty index. A client may send thousands of patterns: each costs what it finds, not a walk over all topics. */
export function createTokenIndex(): TokenIndex {
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

/** What a pattern matches that matches nothing. */
export const NO_TOPICS: ReadonlySet<LiveTopic> = new Set()
