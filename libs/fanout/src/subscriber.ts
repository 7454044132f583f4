import { AppError, type WireError } from '@meridian/errors'
import type { Projection } from '@meridian/msgpack'
import {
  type Codec,
  type ControlRecord,
  type Cursor,
  encodeControl,
  epochMark,
  type StreamOutcome
} from '@meridian/protocol/live'
import { filtersOfAll } from './backfill.ts'
import { chunkOf } from './chunk.ts'
import { composeFrames, type Frame, type Sink } from './frame.ts'
import type { HubCore } from './hub-core.ts'
import type { Message } from './message.ts'
import type { Request } from './request.ts'
import { type Plan, planResume } from './resume.ts'
import type { Stream } from './stream.ts'
import type { Topic } from './topic.ts'
import { advance, announce, flushView, tokenOf, type View } from './view.ts'
import { mayRead, streamsRead } from './views.ts'

/** A pattern that was not taken, and why. */
export interface Refused {
  readonly pattern: string
  readonly error: WireError
}

/** A subscription as a connection asks for it. */
export interface Wanted {
  readonly id: number
  readonly requests: readonly Request[]
  readonly refused: readonly Refused[]
}

/** What a connection is told of itself. */
export interface SubscriberHooks {
  /** More bytes wait for it than allowed; it is out of all views by now. */
  onSlow(): void
}

/**
 * The fan-out's side of one connection. idle (no subscription) <-> live (member of the view of all its subscriptions); resuming (nothing is
 * delivered until streams have been asked) -> live; any -> closed.
 */
export class Subscriber {
  readonly codec: Codec
  readonly #core: HubCore
  readonly #sink: Sink
  readonly #hooks: SubscriberHooks
  #subscriptions: ReadonlyMap<number, readonly Request[]> = new Map()
  #view: View | undefined
  #closed = false

  constructor(core: HubCore, sink: Sink, codec: Codec, hooks: SubscriberHooks) {
    this.codec = codec
    this.#core = core
    this.#sink = sink
    this.#hooks = hooks
    core.subscribers.add(this)
  }

  get subscriptions(): number {
    return this.#subscriptions.size
  }

  has(id: number): boolean {
    return this.#subscriptions.has(id)
  }

  /** Sends a frame, unless too much waits already. */
  send(frame: Frame): void {
    if (this.#closed) return
    if (this.#sink.bufferedBytes() > this.#core.maxBufferedBytes) {
      this.#core.counts.slow++
      this.close()
      this.#hooks.onSlow()
    } else this.#sink.write(frame)
  }

  /** Sends control records in a frame of their own. */
  tell(...records: readonly ControlRecord[]): void {
    this.#sendRecords(
      records.map(record => encodeControl(this.codec, record)),
      records.length
    )
  }

  /** Last values and membership in one tick. Throws GTW_TOO_MANY_SUBSCRIPTIONS or GTW_TOO_MANY_TOPICS. */
  subscribe({ id, requests, refused }: Wanted): void {
    const subscriptions = new Map(this.#subscriptions).set(id, requests)
    this.#assertWithin(subscriptions)
    const view = this.#move(subscriptions)
    const topics = this.#topicsOf(requests)
    const records: Uint8Array[] = [this.#encode({ op: 'subscribed', id, topics: topics.size, refused })]
    const announced = announce(this, [...topics], records)
    for (const topic of topics)
      if (topic.last !== undefined) this.#add(records, topic.last, projectionIn(view, topic))
    records.push(this.#encode({ op: 'live', id, cursor: this.#token() }))
    this.#sendRecords(records, announced + 2)
  }

  /** Throws GTW_NO_SUBSCRIPTION. */
  unsubscribe(id: number): void {
    if (!this.#subscriptions.has(id)) throw new AppError('GTW_NO_SUBSCRIPTION', { id })
    const subscriptions = new Map(this.#subscriptions)
    subscriptions.delete(id)
    this.#move(subscriptions)
    this.tell({ op: 'unsubscribed', id })
  }

  /** Sets all subscriptions and continues from a cursor. Resolves when live. */
  async resume(cursor: Cursor, wanted: readonly Wanted[]): Promise<void> {
    const subscriptions = new Map(wanted.map(w => [w.id, w.requests] as const))
    this.#assertWithin(subscriptions)
    this.#leave()
    this.#subscriptions = new Map()
    const requests = wanted.flatMap(w => w.requests)
    const plans = await this.#plan(cursor, requests)
    if (this.#closed) return
    const current = new Map([...plans].map(([stream, plan]) => [stream, upToDate(stream, plan, cursor)]))
    this.#continue(subscriptions, wanted, current)
  }

  /** Everything that waits for it goes out now: before a close. */
  flush(): void {
    this.#core.settle()
    if (this.#view !== undefined) flushView(this.#view, true, this.#core.counts)
  }

  /** Leaves all views; nothing is sent any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#view !== undefined) this.#core.views.leave(this.#view, this)
    this.#view = undefined
    this.#core.subscribers.delete(this)
  }

  async #plan(cursor: Cursor, requests: readonly Request[]): Promise<ReadonlyMap<Stream, Plan>> {
    const streams = streamsRead(requests, this.#core.streams)
    const plans = streams.map(async stream => {
      const position = cursor[stream.name]
      if (position === undefined) return [stream, { kind: 'snapshot', reset: false }] as const
      const patterns = requests.filter(r => r.all && mayRead(r, stream)).map(r => r.pattern)
      return [stream, await planResume(stream, position, filtersOfAll(patterns), this.#core.plan)] as const
    })
    return new Map(await Promise.all(plans))
  }

  #continue(
    subscriptions: ReadonlyMap<number, readonly Request[]>,
    wanted: readonly Wanted[],
    plans: ReadonlyMap<Stream, Plan>
  ): void {
    const view = this.#move(subscriptions)
    const data: Uint8Array[] = []
    const passing = new Set<Topic>()
    if (view !== undefined)
      for (const [stream, plan] of plans)
        if (plan.kind === 'resumed') this.#replay(view, stream, plan, data, passing)
    this.#lastValues(view, plans, data)
    const records = [...plans].flatMap(([{ name }, plan]) =>
      plan.kind === 'snapshot' && plan.reset ? [this.#encode({ op: 'reset', stream: name })] : []
    )
    records.push(this.#encode({ op: 'resumed', streams: this.#outcomes(plans) }))
    for (const { id, requests, refused } of wanted)
      records.push(this.#encode({ op: 'subscribed', id, topics: this.#topicsOf(requests).size, refused }))
    announce(this, [...(view?.entries.keys() ?? []), ...passing], records)
    const control = records.length + wanted.length
    for (const chunk of data) records.push(chunk)
    for (const { id } of wanted) records.push(this.#encode({ op: 'live', id, cursor: this.#token() }))
    this.#sendRecords(records, control)
  }

  /** What came after the cursor, in the stream's order. Topics that have ended meanwhile go into `passing`. */
  #replay(
    view: View,
    stream: Stream,
    { after, messages, upTo }: Extract<Plan, { kind: 'resumed' }>,
    data: Uint8Array[],
    passing: Set<Topic>
  ): void {
    const replay = (message: Message<Topic>): void => {
      const entry = view.entries.get(message.topic)
      const want = entry ?? this.#core.views.projectionOf(view, message.topic.subject)
      if (want?.all !== true) return
      if (entry === undefined) passing.add(message.topic)
      this.#add(data, message, want.projection)
    }
    for (const message of messages) if (message.seq > after && message.seq <= upTo) replay(message)
    for (const message of stream.ring.after(upTo)) replay(message)
  }

  /** Last values of all topics that are not replayed. */
  #lastValues(view: View | undefined, plans: ReadonlyMap<Stream, Plan>, data: Uint8Array[]): void {
    for (const [topic, entry] of view?.entries ?? []) {
      const stream = this.#core.streams.get(topic.stream)
      const replayed = entry.all && stream !== undefined && plans.get(stream)?.kind === 'resumed'
      if (!replayed && topic.last !== undefined) this.#add(data, topic.last, entry.projection)
    }
  }

  #outcomes(plans: ReadonlyMap<Stream, Plan>): Record<string, StreamOutcome> {
    const outcomes: Record<string, StreamOutcome> = {}
    for (const [{ name }, plan] of plans) {
      this.#core.counts.resumes[plan.kind]++
      outcomes[name] = plan.kind === 'gap' ? { gap: { from: plan.from, to: plan.to } } : plan.kind
    }
    return outcomes
  }

  /** From the old view to the view of `subscriptions`, without losing what waits in the one or repeating what waits in the other. */
  #move(subscriptions: ReadonlyMap<number, readonly Request[]>): View | undefined {
    this.#core.settle()
    const requests = [...subscriptions.values()].flat()
    const next = requests.length === 0 ? undefined : this.#core.views.of(this.codec, requests)
    if (next === undefined || next !== this.#view) this.#leave()
    if (next !== undefined) {
      flushView(next, true, this.#core.counts)
      next.members.add(this)
      advance(next, true)
    }
    this.#view = next
    this.#subscriptions = subscriptions
    return next
  }

  #leave(): void {
    const view = this.#view
    if (view === undefined) return
    this.#core.settle()
    flushView(view, true, this.#core.counts)
    const waiting: Uint8Array[] = []
    for (const [topic, entry] of view.entries)
      if (entry.waiting && topic.last !== undefined) this.#add(waiting, topic.last, entry.projection)
    this.#sendRecords(waiting, 0)
    this.#core.views.leave(view, this)
    this.#view = undefined
  }

  #topicsOf(requests: readonly Request[]): Set<Topic> {
    const topics = new Set<Topic>()
    for (const request of requests)
      for (const topic of this.#core.index.topicsOf(request.pattern)) topics.add(topic)
    return topics
  }

  #assertWithin(subscriptions: ReadonlyMap<number, readonly Request[]>): void {
    const { maxSubscriptions, maxTopics } = this.#core
    if (subscriptions.size > maxSubscriptions)
      throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit: maxSubscriptions })
    const topics = this.#topicsOf([...subscriptions.values()].flat()).size
    if (topics > maxTopics) throw new AppError('GTW_TOO_MANY_TOPICS', { limit: maxTopics, topics })
  }

  #add(records: Uint8Array[], message: Message<Topic>, projection: Projection | undefined): void {
    try {
      records.push(chunkOf(message, this.codec, projection))
    } catch {
      this.#core.counts.failures++
    }
  }

  #token(): string {
    return this.#view === undefined ? '1' : tokenOf(this.#view)
  }

  #encode(record: ControlRecord): Uint8Array {
    return encodeControl(this.codec, record)
  }

  #sendRecords(records: readonly Uint8Array[], control: number): void {
    if (records.length === 0) return
    const { counts } = this.#core
    composeFrames(
      this.codec,
      records,
      frame => {
        counts.frames++
        counts.bytes += frame.buffer.length
        this.send(frame)
      },
      control
    )
    counts.records += records.length - control
  }
}

const projectionIn = (view: View | undefined, topic: Topic): Projection | undefined =>
  view?.entries.get(topic)?.projection

/** A plan made some time ago, held against how things are now. */
function upToDate(stream: Stream, plan: Plan, cursor: Cursor): Plan {
  if (plan.kind !== 'resumed') return plan
  const epoch = stream.epoch === undefined ? undefined : epochMark(stream.epoch)
  if (epoch !== cursor[stream.name]?.epoch) return { kind: 'snapshot', reset: true }
  if (plan.upTo === stream.seq || stream.ring.covers(plan.upTo)) return plan
  return { kind: 'gap', from: plan.after + 1, to: Math.max(plan.after + 1, stream.seq) }
}
