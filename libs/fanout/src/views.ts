import type { Codec } from '@meridian/protocol/live'
import { matches, streamHolds } from '@meridian/subjects'
import { advance, type Flusher } from './flusher.ts'
import { addInterest, EVERY_MESSAGE, type Interest, type LiveTopic, removeInterest } from './live-topic.ts'
import type { PatternIndex } from './pattern-index.ts'
import type { Stream } from './stream.ts'
import { type SubscribedPattern, type SubscribedPatterns, wantsEvery } from './subscribed-pattern.ts'
import { createView, type Member, type View } from './view.ts'

/** All views in use. One lives for as long as it has members. */
export interface Views {
  readonly size: number
  all(): Iterable<View>
  /** The view of these patterns, made if need be; it has no member by that. */
  of(codec: Codec, patterns: readonly SubscribedPattern[]): View
  leave(view: View, member: Member): void
  /** A new topic finds its views. */
  addTopic(topic: LiveTopic): void
  removeTopic(topic: LiveTopic): void
}

/** What a set of views shares with the rest of its hub. */
export interface ViewParts {
  readonly index: PatternIndex<View>
  readonly patterns: SubscribedPatterns
  readonly streams: ReadonlyMap<string, Stream>
  readonly flusher: Flusher
}

/** How often and with which fields a view wants a topic. */
export type Wants = Pick<Interest, 'periodTicks' | 'projection'>

/** Creates an empty set of views. */
export function createViews({ index, patterns, streams, flusher }: ViewParts): Views {
  const views = new Map<string, View>()
  let made = 0

  const enter = (view: View, topic: LiveTopic, matching: readonly SubscribedPattern[]): void => {
    const wants = joinWants(matching, patterns)
    view.interests.set(topic, addInterest({ outbox: view, topic, ...wants }))
  }

  const create = (key: string, codec: Codec, list: readonly SubscribedPattern[]): View => {
    const identity = { key, number: made++, codec, patterns: list, streams: streamsRead(list, streams) }
    const view = createView(identity, flusher.flush)
    const wanted = new Map<LiveTopic, SubscribedPattern[]>()
    for (const pattern of list)
      for (const topic of index.use(pattern.pattern, view)) {
        const known = wanted.get(topic)
        if (known === undefined) wanted.set(topic, [pattern])
        else known.push(pattern)
      }
    for (const [topic, matching] of wanted) enter(view, topic, matching)
    advance(view, true)
    views.set(key, view)
    return view
  }

  return {
    get size() {
      return views.size
    },
    all: () => views.values(),
    of(codec, list) {
      const distinct = [...new Set(list)].sort((a, b) => (a.key < b.key ? -1 : 1))
      const key = `${codec}\n${distinct.map(p => p.key).join('\n')}`
      return views.get(key) ?? create(key, codec, distinct)
    },
    leave(view, member) {
      view.members.delete(member)
      if (view.members.size > 0) return
      views.delete(view.key)
      for (const interest of view.interests.values()) removeInterest(interest)
      for (const { pattern } of view.patterns) index.release(pattern, view)
    },
    addTopic(topic) {
      for (const view of index.addTopic(topic)) {
        enter(view, topic, patternsFor(view, topic.subject))
        view.unannounced.push(topic)
      }
    },
    removeTopic(topic) {
      for (const view of index.removeTopic(topic)) view.interests.delete(topic)
      for (const interest of [...topic.all, ...topic.latest]) removeInterest(interest)
    }
  }
}

const patternsFor = (view: View, subject: string): readonly SubscribedPattern[] =>
  view.patterns.filter(p => matches(p.pattern, subject))

/** What a view wants of a subject that is no topic any more; undefined: nothing. */
export function wantsOf(view: View, subject: string, patterns: SubscribedPatterns): Wants | undefined {
  const matching = patternsFor(view, subject)
  return matching.length === 0 ? undefined : joinWants(matching, patterns)
}

/**
 * The wants of several patterns as one: every message if any wants it, else the highest rate; all fields if
 * any wants all.
 */
const joinWants = (matching: readonly SubscribedPattern[], patterns: SubscribedPatterns): Wants => ({
  periodTicks: matching.some(wantsEvery) ? EVERY_MESSAGE : Math.min(...matching.map(p => p.periodTicks)),
  projection: patterns.union(matching)
})

/** The streams of which these patterns read every message of something. */
export function streamsRead(
  list: readonly SubscribedPattern[],
  streams: ReadonlyMap<string, Stream>
): readonly Stream[] {
  const everything = list.filter(wantsEvery)
  return [...streams.values()].filter(stream => everything.some(p => mayRead(p, stream)))
}

/** Whether a pattern may match subjects of a stream, by its first token. */
export function mayRead({ pattern }: SubscribedPattern, stream: Stream): boolean {
  return streamHolds(stream.name, pattern.tokens[0])
}
