import { AppError } from '@meridian/errors'
import type { Codec, ControlRecord, Cursor } from '@meridian/protocol/live'
import type { FrameComposer, Sink } from './frame.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Matched } from './match-patterns.ts'
import { Membership, type MembershipParts, type Subscriptions } from './membership.ts'
import { sendResumed } from './resume.ts'
import { type PlanParts, planResume, upToDate } from './resume-plan.ts'
import { Sender } from './sender.ts'
import { sendSnapshot, type WantedSubscription } from './snapshot.ts'

/** What a connection is told of itself. */
export interface SubscriberHooks {
  /** More bytes wait for it than allowed; it is out of all views by now. */
  onSlow(): void
}

/** What the subscribers of a hub share. */
export interface SubscriberParts extends MembershipParts {
  readonly frames: FrameComposer
  readonly counts: HubCounts
  readonly plan: PlanParts
  readonly maxBufferedBytes: number
  readonly onClosed: (subscriber: Subscriber) => void
}

/**
 * The fan-out's side of one connection. idle (no subscription) <-> live (member of the view of all its
 * subscriptions); resuming (nothing is delivered until streams have been asked) -> live; any -> closed.
 */
export class Subscriber {
  readonly #parts: SubscriberParts
  readonly #sender: Sender
  readonly #membership: Membership
  #work = 0

  constructor(parts: SubscriberParts, sink: Sink, codec: Codec, hooks: SubscriberHooks) {
    const { frames, counts, maxBufferedBytes } = parts
    const onSlow = (): void => {
      this.close()
      hooks.onSlow()
    }
    this.#parts = parts
    this.#sender = new Sender({ codec, sink, frames, counts, maxBufferedBytes, onSlow })
    this.#membership = new Membership(parts, this.#sender)
  }

  /** Sends control records in a frame of their own. */
  tell(...records: readonly ControlRecord[]): void {
    this.#sender.tell(...records)
  }

  /** Work that this connection has asked for so far, as `HubCounts.work` counts it. */
  get work(): number {
    return this.#work
  }

  /**
   * Last values and membership in one tick, once the patterns are matched: at once, or when the promise that
   * it gives is resolved; until then nothing else may be asked of it. Throws or rejects as
   * `Membership.prepare`.
   */
  subscribe(wanted: WantedSubscription): void | Promise<void> {
    const subscriptions = new Map(this.#membership.subscriptions).set(wanted.id, wanted.patterns)
    const matched = this.#spend(() => this.#membership.prepare(subscriptions))
    const take = (done: Matched): void => this.#spend(() => this.#take(wanted, subscriptions, done))
    return matched instanceof Promise ? matched.then(take) : take(matched)
  }

  #take(wanted: WantedSubscription, subscriptions: Subscriptions, matched: Matched): void {
    if (this.#sender.open) {
      const view = this.#membership.move(subscriptions)
      sendSnapshot(this.#sender, this.#membership.taken(wanted, view), view)
    }
    matched.release()
  }

  #spend<T>(run: () => T): T {
    const { counts } = this.#parts
    const before = counts.work
    try {
      return run()
    } finally {
      this.#work += counts.work - before
    }
  }

  /** Ends one subscription and says so. Throws GTW_NO_SUBSCRIPTION when there is none of this id. */
  unsubscribe(id: number): void {
    const subscriptions = new Map(this.#membership.subscriptions)
    if (!subscriptions.delete(id)) throw new AppError('GTW_NO_SUBSCRIPTION', { id })
    this.#spend(() => this.#membership.move(subscriptions))
    this.tell({ op: 'unsubscribed', id })
  }

  /** Sets all subscriptions and continues from a cursor. Resolves when live. Throws as `subscribe` does. */
  async resume(cursor: Cursor, wanted: readonly WantedSubscription[]): Promise<void> {
    const subscriptions = new Map(wanted.map(({ id, patterns }) => [id, patterns] as const))
    const membership = this.#membership
    const matched = await this.#spend(() => membership.prepare(subscriptions))
    if (this.#sender.open) this.#spend(() => membership.leave())
    const { plan, counts } = this.#parts
    const plans = await planResume(
      cursor,
      wanted.flatMap(w => w.patterns),
      plan
    )
    if (this.#sender.open)
      this.#spend(() => {
        const current = upToDate(plans, cursor)
        const view = membership.move(subscriptions)
        const taken = membership.taken.bind(membership)
        sendResumed(this.#sender, wanted, current, view, { streams: plan.streams, counts, taken })
      })
    matched.release()
  }

  /** Everything that waits for it goes out now: before a close. */
  flush(): void {
    this.#membership.flush()
  }

  /** Leaves its view; nothing is sent any more. */
  close(): void {
    this.#sender.close()
    this.#membership.drop()
    this.#parts.onClosed(this)
  }
}
