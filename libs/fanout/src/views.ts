import { AppError } from '@meridian/errors'
import type { Encoding } from '@meridian/protocol/live'
import { type Pattern, streamHolds } from '@meridian/subjects'
import { degraded, readsEvery } from './degraded.ts'
import { fairShare } from './fair-share.ts'
import { advance, type Flusher } from './flusher.ts'
import type { HubCounts } from './hub-counts.ts'
import { addInterest, interestsOf, removeInterest } from './interests.ts'
import type { Degradation } from './ladder.ts'
import type { LiveTopic } from './live-topic.ts'
import type { PatternIndex } from './pattern-index.ts'
import { createPatternSet, type PatternSet, type Wants } from './pattern-set.ts'
import type { Stream } from './stream.ts'
import { type SubscribedPattern, type SubscribedPatterns, wantsEvery } from './subscribed-pattern.ts'
import { createView, type Member, type View } from './view.ts'

/** All views in use. One lives for as long as it has members. */
export interface Views {
  readonly size: number
  all(): Iterable<View>
  /** What these patterns want together, without a view of them. */
  setOf(patterns: readonly SubscribedPattern[]): PatternSet
  /** Whether there is a view of these patterns. */
  has(codec: Encoding, patterns: PatternSet, degradation: Degradation): boolean
  /** The view of these patterns, made if need be; it has no member by that. */
  of(codec: Encoding, patterns: PatternSet, degradation: Degradation): View
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
  readonly counts: Pick<HubCounts, 'work'>
  /** Topics of one view; what its patterns match beyond is left out and told. */
  readonly maxTopics: number
}

/** Creates an empty set of views. */
export function createViews({ index, patterns, streams, flusher, counts, maxTopics }: ViewParts): Views {
  const views = new Map<string, View>()
  let made = 0

  const wantedTopics = (view: View): ReadonlyMap<LiveTopic, readonly Pattern[]> => {
    const wanted = new Map<LiveTopic, Pattern[]>()
    for (const text of view.patterns.texts)
      for (const topic of index.use(text, view)) {
        const known = wanted.get(topic)
        counts.work++
        if (known === undefined) wanted.set(topic, [text])
        else known.push(text)
      }
    return wanted
  }

  const create = (key: string, codec: Encoding, set: PatternSet, degradation: Degradation): View => {
    const read = streamsRead(set, streams).filter(stream => readsEvery(degradation, stream))
    const identity = { key, number: made++, codec, patterns: set, degradation, streams: read }
    const view = createView(identity, flusher.flush)
    const wanted = wantedTopics(view)
    const kept = wanted.size > maxTopics ? fairShare(wanted.keys(), maxTopics) : undefined
    for (const [topic, texts] of wanted)
      if (kept === undefined || kept.has(topic)) enter(view, topic, set.wantsOf(texts))
    view.leftOut = wanted.size - (kept?.size ?? wanted.size)
    advance(view, true)
    views.set(key, view)
    return view
  }

  const leaveOut = (view: View): void => {
    if (++view.leftOut === 1) flusher.tell(view, { op: 'error', error: tooManyTopics(maxTopics, 1).toWire() })
  }

  return {
    get size() {
      return views.size
    },
    all: () => views.values(),
    setOf: list => createPatternSet(list, patterns),
    has: (codec, set, degradation) => views.has(keyOf(codec, set, degradation)),
    of(codec, set, degradation) {
      counts.work += set.size
      const key = keyOf(codec, set, degradation)
      return views.get(key) ?? create(key, codec, set, degradation)
    },
    leave(view, member) {
      view.members.delete(member)
      if (view.members.size > 0) return
      views.delete(view.key)
      counts.work += view.interests.size + view.patterns.texts.length
      for (const interest of view.interests.values()) removeInterest(interest)
      for (const pattern of view.patterns.texts) index.release(pattern, view)
    },
    addTopic(topic) {
      for (const [view, matching] of index.addTopic(topic)) {
        const wants = view.patterns.wantsOf(matching)
        if (view.interests.size >= maxTopics) leaveOut(view)
        else if (enter(view, topic, wants)) view.unannounced.push(topic)
      }
    },
    removeTopic(topic) {
      for (const view of index.removeTopic(topic)) view.interests.delete(topic)
      for (const interest of interestsOf(topic)) removeInterest(interest)
    }
  }
}

const keyOf = (codec: Encoding, set: PatternSet, degradation: Degradation): string =>
  `${codec} ${degradation} ${set.key}`

/** Puts a topic into a view; false where nothing of it is left on the view's step of the ladder. */
function enter(view: View, topic: LiveTopic, wanted: Wants): boolean {
  const wants = degraded(wanted, view.degradation, topic)
  if (wants === undefined) return false
  view.interests.set(topic, addInterest({ outbox: view, topic, ...wants }))
  return true
}

/** That patterns match more topics than one connection may have; `leftOut` of them bring nothing. */
export const tooManyTopics = (limit: number, leftOut: number): AppError =>
  new AppError('GTW_TOO_MANY_TOPICS', { limit, leftOut })

/** The streams of which these patterns read every message of something. */
export function streamsRead(
  patterns: Pick<PatternSet, 'some'>,
  streams: ReadonlyMap<string, Stream>
): readonly Stream[] {
  return [...streams.values()].filter(stream => patterns.some(p => wantsEvery(p) && mayRead(p, stream)))
}

/** Whether a pattern may match subjects of a stream, by its first token. */
export function mayRead({ pattern }: SubscribedPattern, stream: Stream): boolean {
  return streamHolds(stream.name, pattern.tokens[0])
}
