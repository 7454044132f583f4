import type { Pattern } from '@meridian/subjects'
import type { HubCounts } from './hub-counts.ts'
import type { TopicName } from './message.ts'
import type { PatternSet, Wants } from './pattern-set.ts'

/** What patterns want of each topic that a resume replays, worked out once for each. */
export interface RememberedWants {
  /** Patterns of which it works it out. */
  readonly patterns: number
  /** Patterns that were held against a topic so far. */
  readonly looked: number
  /** What the patterns want of a topic together; undefined: nothing. */
  of(topic: TopicName): Wants | undefined
}

/** What finds the patterns of a topic, and counts the work. */
export interface RememberedWantsParts {
  readonly index: { patternsOf(topic: TopicName): readonly Pattern[] | undefined }
  readonly counts: Pick<HubCounts, 'work'>
}

/** Nothing is worked out yet. While it is used the patterns must stay matched in the index. */
export function rememberWants(set: PatternSet, { index, counts }: RememberedWantsParts): RememberedWants {
  // By subject: each message of the past brings an object of its own for a topic that has ended.
  const known = new Map<string, Wants | undefined>()
  let looked = 0
  const workOut = (topic: TopicName): Wants | undefined => {
    const matching = index.patternsOf(topic)
    const cost = (matching ?? set.texts).length
    looked += cost
    counts.work += cost
    return matching === undefined ? set.wantsOfSubject(topic.subject) : set.wantsOfAny(matching)
  }
  return {
    patterns: set.texts.length,
    get looked() {
      return looked
    },
    of(topic) {
      const { subject } = topic
      const wants = known.get(subject)
      if (wants !== undefined || known.has(subject)) return wants
      const made = workOut(topic)
      known.set(subject, made)
      return made
    }
  }
}
