import { AppError } from '@meridian/errors'
import type { ControlRecord, Cursor, Encoding } from '@meridian/protocol/live'
import { disjointFilters, type Pattern } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import { Degrading } from './degrading.ts'
import { type Asker, EVERYBODY } from './fair-queue.ts'
import type { Sink } from './frame.ts'
import type { HubCounts } from './hub-counts.ts'
import { type Degradation, Ladder, type LadderLimits } from './ladder.ts'
import { Membership, type MembershipParts, type Prepared, type Subscriptions } from './membership.ts'
import { rememberWants } from './remembered-wants.ts'
import { sendResumed } from './resume.ts'
import { encodeReplays, holdReplays } from './resume-ahead.ts'
import { type PlanParts, type Plans, planResume, upToDate } from './resume-plan.ts'
import { Sender, type SenderParts } from './sender.ts'
import { sendSnapshot, type WantedSubscription } from './snapshot.ts'
import { listPatterns, type SubscriberFacts } from './subscriber-facts.ts'
import type { Work, WorkAccount, WorkTurns } from './work-turns.ts'

/** What a connection is told of itself. */
export interface SubscriberHooks {
  /** More bytes wait for it than allowed; it is out of all views by now. */
  onSlow(): void
  /** Pays for what it asks for. Default: it may have any amount, and goes before those that have had some. */
  readonly account?: WorkAccount
  /** Takes its turn where a resume reads streams. Default: everybody is the same. */
  readonly asker?: Asker
}

/** What the subscribers of a hub share. */
export interface SubscriberParts extends MembershipParts, SenderParts {
  readonly counts: HubCounts
  readonly plan: Omit<PlanParts, 'isWanted' | 'asker' | 'filtersOf'>
  readonly turns: WorkTurns
  readonly onClosed: (subscriber: Subscriber) => void
  readonly ladder: LadderLimits
}

/**
 * The fan-out's side of one connection. idle (no subscription) <-> live (member of the view of all its
 * subscriptions); resuming (nothing is delivered until streams have been asked) -> live; any -> closed.
 */
export class Subscriber {
  readonly #parts: SubscriberParts
  readonly #sender: Sender
  readonly #membership: Membership
  readonly #hooks: SubscriberHooks
  /** Both undefined until it is behind for the first time, which most connections never are. */
  #ladder: Ladder | undefined
  #degrading: Degrading | undefined
  readonly #sinceMs = systemClock.nowMs()

  constructor(parts: SubscriberParts, sink: Sink, codec: Encoding, hooks: SubscriberHooks) {
    this.#parts = parts
    this.#hooks = hooks
    this.#sender = new Sender(parts, codec, { sink, owner: this })
    this.#membership = new Membership(parts, this.#sender)
  }

  /** Called by its sender, when more waits than allowed. */
  onSlow(): void {
    this.close()
    this.#hooks.onSlow()
  }

  /** Step of the ladder on which the connection stands. */
  get degradation(): Degradation {
    return this.#ladder?.step ?? 'none'
  }

  /** What it is at this moment, for people. */
  facts(): SubscriberFacts {
    const { subscriptions, view } = this.#membership
    const [principal, address] = this.#hooks.asker ?? EVERYBODY
    return {
      ...{ principal, address, protocol: this.#sender.codec },
      since: new Date(this.#sinceMs).toISOString(),
      step: this.degradation,
      waitingBytes: this.#sender.waiting().all,
      sent: this.#sender.sent(),
      topics: view?.interests.size ?? 0,
      ...listPatterns(subscriptions)
    }
  }

  /** Looks at what waits, moves on the ladder where that is due, and gives the bytes that wait. */
  look(nowMs: number): number {
    const { all, live } = this.#sender.waiting()
    // Without a view there is nothing to hold back, and a resume that is under way is told as a whole.
    const mayMove = this.#sender.open && this.#membership.view !== undefined
    const step = mayMove ? this.#ladderAt(live)?.look(live, nowMs) : undefined
    if (step !== undefined) this.#degradeTo(step)
    return all
  }

  /** Its ladder, which is made when it is behind for the first time. */
  #ladderAt(waitingBytes: number): Ladder | undefined {
    const { ladder: limits } = this.#parts
    if (waitingBytes > limits.highBytes) this.#ladder ??= new Ladder(limits)
    return this.#ladder
  }

  #degradeTo(step: Degradation): void {
    const { counts } = this.#parts
    this.#degrading ??= new Degrading({ sender: this.#sender, membership: this.#membership, counts })
    this.#degrading.moveTo(step)
  }

  /** Ends it because too much waits for all connections together. */
  relieve(): void {
    this.#parts.counts.relieved++
    this.#sender.cutOff()
  }

  /** Whoever asks for something gets all of it again, until it falls behind once more. */
  #climb(): void {
    if (this.degradation === 'none') return
    this.#ladder?.reset()
    this.#degradeTo('none')
  }

  /** Sends control records in a frame of their own. */
  tell(...records: readonly ControlRecord[]): void {
    this.#sender.tell(...records)
  }

  /**
   * Last values and membership in one tick, once it is its turn and the patterns are matched: at once, or when
   * the promise that it gives is resolved; until then nothing else may be asked of it. `read` gives what is
   * wanted. Throws or rejects as `read` and `Membership.prepare`.
   */
  subscribe(read: () => WantedSubscription): void | Promise<void> {
    return this.#run(this.#subscribing(read))
  }

  /** Ends one subscription and says so. Throws or rejects with GTW_NO_SUBSCRIPTION where there is none. */
  unsubscribe(id: number): void | Promise<void> {
    return this.#run(this.#unsubscribing(id))
  }

  /** Sets all subscriptions and continues from a cursor. Resolves when live. Rejects as `subscribe` does. */
  async resume(cursor: Cursor, read: () => readonly WantedSubscription[]): Promise<void> {
    const { wanted, subscriptions, prepared } = await this.#run(this.#preparingResume(read))
    try {
      const patterns = wanted.flatMap(w => w.patterns)
      const isWanted = (): boolean => this.#sender.open
      const filtersOf = (list: readonly Pattern[]) => this.#run(chooseFilters(list, this.#parts.counts))
      const parts = { ...this.#parts.plan, isWanted, filtersOf, asker: this.#hooks.asker ?? EVERYBODY }
      const plans = await planResume(cursor, patterns, parts)
      const release = holdReplays(plans)
      try {
        await this.#run(this.#resuming({ wanted, subscriptions, prepared }, plans, cursor))
      } finally {
        release()
      }
    } finally {
      prepared.release()
    }
  }

  *#subscribing(read: () => WantedSubscription): Work<void> {
    const wanted = read()
    yield
    if (!this.#sender.open) return
    this.#climb()
    const membership = this.#membership
    const subscriptions = new Map(membership.subscriptions).set(wanted.id, wanted.patterns)
    const prepared = yield* membership.prepare(subscriptions)
    try {
      yield* membership.encodeLastValues(wanted.patterns)
      if (!this.#sender.open) return
      const view = membership.move(subscriptions, prepared.patterns)
      sendSnapshot(this.#sender, membership.taken(wanted, view), view)
    } finally {
      prepared.release()
    }
  }

  *#unsubscribing(id: number): Work<void> {
    const subscriptions = new Map(this.#membership.subscriptions)
    if (!subscriptions.delete(id)) throw new AppError('GTW_NO_SUBSCRIPTION', { id })
    yield
    const patterns = yield* this.#membership.prepareFewer(subscriptions)
    if (this.#sender.open) this.#membership.move(subscriptions, patterns)
    this.tell({ op: 'unsubscribed', id })
  }

  *#preparingResume(read: () => readonly WantedSubscription[]): Work<PreparedResume> {
    const wanted = read()
    yield
    const subscriptions = new Map(wanted.map(({ id, patterns }) => [id, patterns] as const))
    const prepared = yield* this.#membership.prepare(subscriptions)
    if (this.#sender.open) this.#leave()
    return { wanted, subscriptions, prepared }
  }

  /** Out of its view, and off the ladder: what it missed there lies behind its cursor. */
  #leave(): void {
    this.#climb()
    this.#degrading?.forget()
    this.#membership.leave()
  }

  *#resuming({ wanted, subscriptions, prepared }: PreparedResume, plans: Plans, cursor: Cursor): Work<void> {
    const membership = this.#membership
    const { plan, counts } = this.#parts
    for (const { patterns } of wanted) yield* membership.encodeLastValues(patterns)
    const wants = rememberWants(prepared.patterns, this.#parts)
    yield* encodeReplays(plans, wants, this.#sender)
    if (!this.#sender.open) return
    const now = upToDate(plans, cursor)
    const view = membership.move(subscriptions, prepared.patterns)
    const taken = membership.taken.bind(membership)
    sendResumed(this.#sender, wanted, now, view, { streams: plan.streams, counts, taken, wants })
  }

  #run<T>(work: Work<T>): T | Promise<T> {
    const { turns, counts } = this.#parts
    const { account = NO_ACCOUNT } = this.#hooks
    return turns.run(paidFor(work, account, counts), account)
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

/** What a resume asks for, with its patterns matched. */
interface PreparedResume {
  readonly wanted: readonly WantedSubscription[]
  readonly subscriptions: Subscriptions
  readonly prepared: Prepared
}

// biome-ignore lint/correctness/useYield: it is one piece
function* chooseFilters(
  patterns: readonly Pattern[],
  counts: Pick<HubCounts, 'work'>
): Work<readonly string[]> {
  counts.work += patterns.length
  return disjointFilters(patterns)
}

const NO_ACCOUNT: WorkAccount = { owedMs: () => 0, spend: () => {} }

/** Work that pays for each of its pieces. */
function* paidFor<T>(work: Work<T>, account: WorkAccount, counts: Pick<HubCounts, 'work'>): Work<T> {
  for (;;) {
    const before = counts.work
    try {
      const { done, value } = work.next()
      if (done === true) return value
    } finally {
      account.spend(counts.work - before)
    }
    yield
  }
}
