import { AppError } from '@meridian/errors'
import { advance } from './flusher.ts'
import type { LiveTopic } from './live-topic.ts'
import type { PatternIndex } from './pattern-index.ts'
import type { Sender } from './sender.ts'
import type { SubscribedPattern } from './subscribed-pattern.ts'
import { type View, waitingValues } from './view.ts'
import type { Views } from './views.ts'

/** The patterns of each subscription of a connection, by its id. */
export type Subscriptions = ReadonlyMap<number, readonly SubscribedPattern[]>

/** What memberships of a hub share. */
export interface MembershipParts {
  readonly views: Views
  readonly index: PatternIndex<View>
  /** Puts what waits for the tick into its views. */
  readonly settle: () => void
  readonly maxSubscriptions: number
  readonly maxTopics: number
}

/**
 * Which view a connection is a member of: the view of all its subscriptions together, or none while it has
 * none.
 */
export class Membership {
  #subscriptions: Subscriptions = new Map()
  #view: View | undefined
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

  /** Checks the bounds of one connection. Throws GTW_TOO_MANY_SUBSCRIPTIONS or GTW_TOO_MANY_TOPICS. */
  assertWithin(subscriptions: Subscriptions): void {
    const { maxSubscriptions, maxTopics } = this.#parts
    if (subscriptions.size > maxSubscriptions)
      throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit: maxSubscriptions })
    const topics = this.topicsOf([...subscriptions.values()].flat()).size
    if (topics > maxTopics) throw new AppError('GTW_TOO_MANY_TOPICS', { limit: maxTopics, topics })
  }

  topicsOf(patterns: readonly SubscribedPattern[]): ReadonlySet<LiveTopic> {
    const topics = new Set<LiveTopic>()
    for (const { pattern } of patterns)
      for (const topic of this.#parts.index.topicsOf(pattern)) topics.add(topic)
    return topics
  }

  /**
   * From the old view to the view of `subscriptions`, without losing what waits in the one or repeating what
   * waits in the other.
   */
  move(subscriptions: Subscriptions): View | undefined {
    const { settle, views } = this.#parts
    settle()
    const patterns = [...subscriptions.values()].flat()
    const next = patterns.length === 0 ? undefined : views.of(this.#sender.codec, patterns)
    if (next === undefined || next !== this.#view) this.leave()
    if (next !== undefined) {
      next.flush(true)
      next.members.add(this.#sender)
      advance(next, true)
    }
    this.#view = next
    this.#subscriptions = subscriptions
    return next
  }

  /** Out of the view, after everything that waits in it has been sent; no subscriptions are left. */
  leave(): void {
    this.flush()
    const waiting: Uint8Array[] = []
    if (this.#view !== undefined)
      for (const [message, { projection }] of waitingValues(this.#view))
        this.#sender.add(waiting, message, projection)
    this.#sender.sendRecords(waiting, 0)
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
    this.#subscriptions = new Map()
  }
}
