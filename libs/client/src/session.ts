import type { WireError } from '@meridian/errors'
import type {
  ControlRecord,
  PatternRequest,
  ServerRecord,
  StreamGap,
  StreamOutcome,
  SubscriptionRequest
} from '@meridian/protocol/live'
import { Distributor, type Streams } from './distributor.ts'
import { guarded, type Registry } from './registry.ts'
import type { Outcome, RefusedPattern } from './types.ts'

/** What a session needs and whom it tells. */
export interface SessionOptions {
  readonly number: number
  readonly registry: Registry
  /** Subscriptions that the `resume` of this connection continues. */
  readonly resumed: readonly SubscriptionRequest[]
  /**
   * Subscriptions that it begins anew, or changes, at the same time. It is settled when each of both is live
   * or refused.
   */
  readonly fresh: readonly SubscriptionRequest[]
  /** Called once, when each of `resumed` and `fresh` is live or refused. */
  onSettled(): void
  /** A newer cursor that is safe to resume from. */
  onCursor(cursor: string): void
  /** Sends a question that the session itself asks. */
  onSubscribe(request: SubscriptionRequest): void
  /** Control records that are not about subscriptions. */
  onControl(record: ControlRecord): void
  onUpdates(): void
}

/** Stands for all streams in an outcome that names none. */
const EVERY_STREAM = '*'

/**
 * What one connection, from its welcome on, has been asked and has answered. A cursor counts only once
 * everything asked at its beginning is live (`settled`): before that it would skip what other subscriptions
 * still have to be given.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #registry: Registry
  readonly #distributor: Distributor
  readonly #resumed: ReadonlySet<number>
  /** Patterns in the order of asking, for each subscription with an answer to come. */
  readonly #asked = new Map<number, (readonly PatternRequest[])[]>()
  readonly #awaited = new Set<number>()
  #isResumeAnswered: boolean
  #isSettled = false
  #cursor: string | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#registry = options.registry
    this.#distributor = new Distributor(options.number, options.registry)
    this.#resumed = new Set(options.resumed.map(({ id }) => id))
    this.#isResumeAnswered = options.resumed.length === 0
    for (const request of [...options.resumed, ...options.fresh]) {
      this.asked(request)
      this.#awaited.add(request.id)
    }
  }

  /** To be called once what was asked at the beginning is sent. */
  start(): void {
    this.#settleIfDone()
  }

  /** Notes what was asked for in the name of a subscription, in the order of asking. */
  asked({ id, patterns }: SubscriptionRequest): void {
    this.#asked.set(id, [...(this.#asked.get(id) ?? []), patterns])
  }

  /**
   * Reads the records of one message. Throws where they cannot be understood, or leave a question without an
   * answer.
   */
  receive(records: readonly ServerRecord[]): void {
    for (const record of records) {
      if ('op' in record) this.#control(record)
      else this.#distributor.deliver(record)
    }
    if (this.#distributor.flush()) this.#options.onUpdates()
  }

  #control(record: ControlRecord): void {
    if (record.op === 'topics') this.#distributor.announce(record.topics)
    else if (record.op === 'cursor') this.#noteCursor(record.cursor)
    else if (record.op === 'resumed') this.#resumeAnswered(record.streams)
    else if (record.op === 'reset') this.#reset(record.stream)
    else if (record.op === 'gap') this.#distributor.tell(gapOf(record.stream, record))
    else this.#answer(record)
  }

  #answer(record: ControlRecord): void {
    if (record.op === 'subscribed') this.#begin(record.id, record.refused)
    else if (record.op === 'live') this.#live(record.id, record.cursor)
    else if (record.op === 'unsubscribed') this.#dropped(record.id)
    else if (record.op === 'error') this.#error(record)
    else this.#options.onControl(record)
  }

  #begin(id: number, refused: readonly RefusedPattern[]): void {
    this.#distributor.openWindow(id)
    if (refused.length > 0) this.#refuse(id, refused)
  }

  #live(id: number, cursor: string): void {
    this.#distributor.closeWindow(id)
    const patterns = this.#asked.get(id)?.[0]
    const entry = this.#registry.get(id)
    if (entry !== undefined) {
      entry.confirmed = patterns
      guarded(() => entry.handlers.onLive?.())
    }
    this.#noteCursor(cursor)
    this.#answered(id)
  }

  #dropped(id: number): void {
    this.#distributor.closeWindow(id)
    // It may have been asked for again since: then an answer is still to come.
    if (this.#registry.get(id) !== undefined) return
    this.#asked.delete(id)
    this.#awaited.delete(id)
    this.#settleIfDone()
  }

  /** The oldest question about a subscription has its answer. */
  #answered(id: number): void {
    const open = this.#asked.get(id)?.slice(1) ?? []
    if (open.length > 0) this.#asked.set(id, open)
    else {
      this.#asked.delete(id)
      this.#awaited.delete(id)
    }
    this.#settleIfDone()
  }

  #settleIfDone(): void {
    if (this.#isSettled || this.#awaited.size > 0) return
    this.#isSettled = true
    if (this.#cursor !== undefined) this.#options.onCursor(this.#cursor)
    this.#options.onSettled()
  }

  #noteCursor(cursor: string): void {
    this.#cursor = cursor
    if (this.#isSettled) this.#options.onCursor(cursor)
  }

  /**
   * The first one answers our `resume`; a later one says what the gateway itself missed, which concerns
   * everybody.
   */
  #resumeAnswered(streams: Streams): void {
    const only = this.#isResumeAnswered ? undefined : this.#resumed
    if (!this.#isResumeAnswered) this.#distributor.continued(streams)
    this.#isResumeAnswered = true
    for (const [stream, outcome] of Object.entries(streams)) {
      if (outcome === 'snapshot') this.#distributor.forget(stream)
      this.#distributor.tell(outcomeOf(stream, outcome), only)
    }
  }

  #reset(stream: string): void {
    this.#distributor.forget(stream)
    this.#distributor.tell({ kind: 'reset', stream })
  }

  /**
   * Without a number it may have been any question: those that are open would wait for ever, so the
   * connection is made anew.
   */
  #error(record: Extract<ControlRecord, { op: 'error' }>): void {
    const { id, error } = record
    if (typeof id === 'string') this.#options.onControl(record)
    else if (id !== undefined) this.#refuseWhole(id, error)
    else if (error.code === 'GTW_BAD_CURSOR') this.#beginAnew()
    else if (this.#asked.size > 0) throw new TypeError(error.code)
  }

  #refuseWhole(id: number, error: WireError): void {
    const requests = this.#registry.get(id)?.wanted.requests ?? []
    this.#refuse(
      id,
      requests.map(({ pattern }) => ({ pattern, error }))
    )
    this.#distributor.closeWindow(id)
    this.#answered(id)
  }

  #refuse(id: number, refused: readonly RefusedPattern[]): void {
    const entry = this.#registry.get(id)
    if (entry !== undefined) guarded(() => entry.handlers.onRefused?.(refused))
  }

  /** The gateway cannot read our cursor: what was to be resumed begins anew, and is told so. */
  #beginAnew(): void {
    this.#isResumeAnswered = true
    this.#distributor.forget(EVERY_STREAM)
    this.#distributor.tell({ kind: 'snapshot', stream: EVERY_STREAM }, this.#resumed)
    for (const id of this.#resumed) {
      const entry = this.#registry.get(id)
      const isAskedAgain = (this.#asked.get(id)?.length ?? 0) > 1
      if (entry !== undefined && !isAskedAgain) this.#ask({ id, patterns: entry.wanted.requests })
      this.#answered(id)
    }
  }

  #ask(request: SubscriptionRequest): void {
    this.asked(request)
    this.#options.onSubscribe(request)
  }
}

function outcomeOf(stream: string, outcome: StreamOutcome): Outcome {
  return typeof outcome === 'string' ? { kind: outcome, stream } : gapOf(stream, outcome.gap)
}

function gapOf(stream: string, { from, to, subjects }: StreamGap): Outcome {
  return { kind: 'gap', stream, from, to, ...(subjects === undefined ? {} : { subjects }) }
}
