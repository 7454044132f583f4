import { AppError } from '@meridian/errors'
import type { Pattern } from '@meridian/subjects'
import { advance } from './flusher.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Degradation } from './ladder.ts'
import type { LiveTopic } from './live-topic.ts'
import { type Matched, matchPatterns } from './match-patterns.ts'
import type { PatternIndex } from './pattern-index.ts'
import type { PatternSet } from './pattern-set.ts'
import { sameItems } from './same-items.ts'
import { noData, type Sender } from './sender.ts'
import type { RefusedPattern, TakenSubscription, WantedSubscription } from './snapshot.ts'
import type { SubscribedPattern } from './subscribed-pattern.ts'
import { assertWithinLimits, type SubscriptionLimits } from './subscription-limits.ts'
import { type View, waitingValues } from './view.ts'
import { tooManyTopics, type Views } from './views.ts'
import { workOutWants } from './wants-ahead.ts'
import type { Work } from './work-turns.ts'

/** How often patterns of one connection may match the same topics: what all of them match is so much. */
const TIMES_EACH_TOPIC = 10

/** Last values that are encoded in one piece: JSON takes some ten microseconds for each. */
const ENCODED_AT_ONCE = 100

/** The patterns of each subscription of a connection, by its id. */
export type Subscriptions = ReadonlyMap<number, readonly SubscribedPattern[]>

const NO_SUBSCRIPTIONS: Subscriptions = new Map()

/** Patterns of subscriptions to which a membership may move: matched until they are released. */
export interface Prepared {
  readonly patterns: PatternSet
  release(): void
}

/** What memberships of a hub share. */
export interface MembershipParts extends SubscriptionLimits {
  readonly views: Views
  readonly index: PatternIndex<View>
  /** Puts what waits for the tick into its views. */
  readonly settle: () => void
  readonly maxTopics: number
  readonly counts: Pick<HubCounts, 'work'>
}

/**
 * Which view a connection is a member of: the view of all its subscriptions together, or none while it has
 * none.
 */
export class Membership {
  #subscriptions = NO_SUBSCRIPTIONS
  #view: View | undefined
  #degradation: Degradation = 'none'
  readonly #parts: MembershipParts
  readonly #sender: Sender

  constructor(parts: MembershipParts, sender: Sender) {
    this.#parts = parts
    this.#sender = sender
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions
  }

  get view(): View | undefined {
    return this.#view
  }

  /**
   * Matches the patterns of subscriptions that it may move to; `release` when it has moved. Throws as
   * `assertWithinLimits`, and GTW_TOO_MUCH_WORK where the patterns and the topics under each of them are too
   * many.
   */
  *prepare(subscriptions: Subscriptions): Work<Prepared> {
    assertWithinLimits(subscriptions, this.#parts)
    const patterns = this.#setOf(subscriptions)
    const { release } = this.#bounded(yield* matchPatterns(patterns.texts, this.#parts.index))
    try {
      yield* this.#workOutWants(patterns)
    } catch (caught) {
      release()
      throw caught
    }
    return { patterns, release }
  }

  /** The patterns of some of its subscriptions, which are matched already. */
  *prepareFewer(subscriptions: Subscriptions): Work<PatternSet> {
    const patterns = this.#setOf(subscriptions)
    yield* this.#workOutWants(patterns)
    return patterns
  }

  #setOf(subscriptions: Subscriptions): PatternSet {
    return this.#parts.views.setOf([...subscriptions.values()].flat())
  }

  *#workOutWants(patterns: PatternSet): Work<void> {
    const { views, index } = this.#parts
    if (!views.has(this.#sender.codec, patterns, this.#degradation)) yield* workOutWants(patterns, index)
  }

  /**
   * Encodes the last values that patterns bring, in pieces: sending them is quick after that. Patterns that
   * choose fields are left out, since what is sent of a topic depends on all that match it.
   */
  *encodeLastValues(patterns: readonly SubscribedPattern[]): Work<void> {
    const whole = new Map<string, Pattern>()
    for (const { pattern, projection } of patterns)
      if (projection === undefined) whole.set(pattern.text, pattern)
    let encoded = 0
    for (const pattern of whole.values())
      for (const { last } of [...this.#parts.index.topicsOf(pattern)]) {
        if (last !== undefined) this.#sender.encodeAhead(last, undefined)
        if (++encoded % ENCODED_AT_ONCE === 0) yield
      }
  }

  #bounded(matched: Matched): Matched {
    const limit = this.#parts.maxTopics * TIMES_EACH_TOPIC
    if (matched.topics <= limit) return matched
    matched.release()
    throw new AppError('GTW_TOO_MUCH_WORK', { limit, work: matched.topics })
  }

  /**
   * What a view brings of a subscription; a pattern of which topics are left out stands in `refused`, as it
   * was asked for.
   */
  taken({ id, patterns, refused, askedAs }: WantedSubscription, view: View | undefined): TakenSubscription {
    const topics = new Set<LiveTopic>()
    const leftOut = new Map<string, Set<LiveTopic>>()
    const leaveOut = (name: string, topic: LiveTopic): void => {
      const others = leftOut.get(name)
      if (others === undefined) leftOut.set(name, new Set([topic]))
      else others.add(topic)
    }
    const texts = new Map(patterns.map(({ pattern }) => [pattern.text, pattern]))
    for (const pattern of texts.values()) {
      const name = askedAs?.get(pattern.text) ?? pattern.text
      for (const topic of this.#parts.index.topicsOf(pattern))
        if (view?.interests.has(topic)) topics.add(topic)
        else leaveOut(name, topic)
    }
    const inPart = [...leftOut].map(([pattern, { size }]): RefusedPattern => {
      return { pattern, error: tooManyTopics(this.#parts.maxTopics, size).toWire() }
    })
    this.#parts.counts.work += topics.size
    return { id, topics, refused: [...refused, ...inPart] }
  }

  /**
   * From the old view to the view of `subscriptions`, which have these patterns, without losing what waits in
   * the one or repeating what waits in the other.
   */
  move(subscriptions: Subscriptions, patterns: PatternSet): View | undefined {
    const { settle, views } = this.#parts
    settle()
    const next = patterns.size === 0 ? undefined : views.of(this.#sender.codec, patterns, this.#degradation)
    if (next === undefined || next !== this.#view) this.leave()
    if (next !== undefined) {
      next.flush(true)
      next.members.add(this.#sender)
      advance(next, true)
    }
    this.#view = next
    this.#subscriptions = next === undefined ? NO_SUBSCRIPTIONS : sharedIn(next, subscriptions)
    return next
  }

  /** To the view of the same subscriptions that brings more or less of them. */
  moveTo(degradation: Degradation): View | undefined {
    this.#degradation = degradation
    return this.move(this.#subscriptions, this.#view?.patterns ?? this.#setOf(this.#subscriptions))
  }

  /** Out of the view, after everything that waits in it has been sent; no subscriptions are left. */
  leave(): void {
    this.flush()
    const waiting = noData()
    if (this.#view !== undefined)
      for (const [message, { projection }] of waitingValues(this.#view))
        this.#sender.add(waiting, message, projection)
    this.#sender.sendAnswer([], waiting, [])
    this.drop()
  }

  /** Everything that waits for the connection's view goes out now. */
  flush(): void {
    this.#parts.settle()
    this.#view?.flush(true)
  }

  /** Out of the view without a word. */
  drop(): void {
    if (this.#view !== undefined) this.#parts.views.leave(this.#view, this.#sender)
    this.#view = undefined
    this.#subscriptions = NO_SUBSCRIPTIONS
  }
}

/** The same subscriptions as the one object that members of a view share who have numbered them alike. */
function sharedIn(view: View, subscriptions: Subscriptions): Subscriptions {
  if (view.subscriptions === undefined || !areAlike(view.subscriptions, subscriptions))
    view.subscriptions = subscriptions
  return view.subscriptions
}

function areAlike(one: Subscriptions, other: Subscriptions): boolean {
  if (one.size !== other.size) return false
  for (const [id, patterns] of one) {
    const others = other.get(id)
    if (others === undefined || !sameItems(patterns, others)) return false
  }
  return true
}
