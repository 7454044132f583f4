import type { WireError } from '@meridian/errors'
import type {
  ControlRecord,
  DataRecord,
  PatternRequest,
  ServerRecord,
  StreamOutcome,
  SubscriptionRequest
} from '@meridian/protocol'
import { type Entry, guarded, type Registry, type Slot, tellOutcome } from './registry.ts'
import { partsOf, streamHolds } from './subject.ts'
import type { Outcome, RefusedPattern, SubjectParts, Update } from './types.ts'

/**
 * What one connection has said so far: its numbers for topics, which subscription's snapshot is under way, and the cursor.
 * A cursor counts only once everything resumed is live again (`settled`): before that it would skip what other
 * subscriptions still have to be given.
 */
export interface Session {
  receive(records: readonly ServerRecord[]): void
  /** Notes what was asked for in the name of a subscription, in the order of asking. */
  asked(request: SubscriptionRequest): void
}

/** What a session needs and whom it tells. */
export interface SessionOptions {
  readonly number: number
  readonly registry: Registry
  /** Subscriptions that the `resume` of this connection continues. */
  readonly resumed: readonly SubscriptionRequest[]
  /** Subscriptions that it begins anew, or changes, at the same time. It is settled when each of both is live or refused. */
  readonly fresh: readonly SubscriptionRequest[]
  /** Called once, when settled. */
  onSettled(): void
  /** A newer cursor that is safe to resume from. */
  onCursor(cursor: string): void
  /** Asks for a subscription after all, as the resume was refused. */
  onSubscribe(request: SubscriptionRequest): void
  /** Control records that are not about subscriptions. */
  onControl(record: ControlRecord): void
  onUpdates(): void
}

interface Topic {
  readonly subject: string
  readonly parts: SubjectParts
  readonly uncatalogued: boolean
  routes: readonly Slot[]
  version: number
}

type Streams = Readonly<Record<string, StreamOutcome>>

/** Stands for all streams in an outcome that names none. */
const EVERY_STREAM = '*'

/**
 * Whether a slot has not had this message. Among last values a lower number with a later time is news too: the stream was made anew
 * while nobody looked. A lower number with an earlier time comes from a gateway that is a little behind.
 */
const isNews = (slot: Slot, seq: number, time: number, isWindow: boolean): boolean =>
  seq > slot.lastSeq || (isWindow && seq < slot.lastSeq && time > slot.lastTime)

/** A session of one connection that has just said welcome. */
export function createSession(options: SessionOptions): Session {
  const { registry, number } = options
  const resumed = new Set(options.resumed.map(({ id }) => id))
  const asked = new Map<number, (readonly PatternRequest[])[]>()
  const awaited = new Set<number>()
  const topics = new Map<number, Topic>()
  /** Subscriptions between `subscribed` and `live`: data that comes meanwhile is for them alone. */
  const windows = new Set<Entry>()
  let streams: Streams | undefined
  let candidate: string | undefined
  let settled = false
  for (const request of [...options.resumed, ...options.fresh]) {
    ask(request)
    awaited.add(request.id)
  }

  function ask({ id, patterns }: SubscriptionRequest): void {
    const queue = asked.get(id) ?? []
    queue.push(patterns)
    asked.set(id, queue)
  }

  /** The answer to the oldest question about a subscription: the patterns it was about. */
  function answered(id: number): readonly PatternRequest[] | undefined {
    const queue = asked.get(id)
    const patterns = queue?.shift()
    if (queue?.length === 0) {
      asked.delete(id)
      settle(id)
    }
    return patterns
  }

  function announce(list: Extract<ControlRecord, { op: 'topics' }>['topics']): void {
    for (const [id, subject, flag] of list)
      topics.set(id, {
        subject,
        parts: partsOf(subject),
        uncatalogued: flag === 'uncatalogued',
        routes: [],
        version: -1
      })
  }

  function deliver([id, rawSeq, time, fields]: DataRecord): void {
    const topic = topics.get(id)
    if (topic === undefined) throw new TypeError(`topic ${id} was not announced`)
    if (topic.version !== registry.version()) {
      topic.routes = registry.routesOf(topic.subject)
      topic.version = registry.version()
    }
    const seq = Number(rawSeq)
    const isReplay = windows.size > 0 && replays(topic)
    for (const slot of topic.routes) {
      const isWindow = windows.has(slot.entry)
      if (slot.entry.isClosed || (windows.size > 0 && !isWindow)) continue
      slot.session = number
      if (!isNews(slot, seq, time, isWindow)) continue
      slot.lastSeq = seq
      slot.lastTime = time
      hand(slot.entry, topic, { seq, time, fields, snapshot: isWindow && !isReplay })
    }
  }

  function hand(
    entry: Entry,
    topic: Topic,
    sample: Pick<Update, 'seq' | 'time' | 'fields' | 'snapshot'>
  ): void {
    const { subject, parts, uncatalogued } = topic
    entry.isTouched = true
    const update = { subject, parts, ...sample, uncatalogued }
    guarded(() => entry.handlers.onData(update))
  }

  /** What a resume brings of an `all` topic, of a stream that went on, is what was missed and no last value. */
  function replays({ parts, routes }: Topic): boolean {
    if (streams === undefined || !routes.some(slot => slot.isAll && windows.has(slot.entry))) return false
    return Object.entries(streams).some(
      ([stream, outcome]) => outcome === 'resumed' && streamHolds(stream, parts.class)
    )
  }

  function flush(): void {
    let any = false
    for (const entry of registry.entries()) {
      if (!entry.isTouched) continue
      entry.isTouched = false
      any = true
      guarded(() => entry.handlers.onFlush?.())
    }
    if (any) options.onUpdates()
  }

  function settle(id: number): void {
    awaited.delete(id)
    if (settled || awaited.size > 0) return
    settled = true
    if (candidate !== undefined) options.onCursor(candidate)
    options.onSettled()
  }

  function noteCursor(next: string): void {
    candidate = next
    if (settled) options.onCursor(next)
  }

  function goLive(id: number, next: string): void {
    const entry = registry.get(id)
    noteCursor(next)
    const patterns = answered(id)
    if (entry === undefined) return
    windows.delete(entry)
    entry.confirmed = patterns
    guarded(() => entry.handlers.onLive?.())
  }

  function open(record: Extract<ControlRecord, { op: 'subscribed' }>): void {
    const entry = registry.get(record.id)
    if (entry !== undefined) windows.add(entry)
    if (record.refused.length > 0) refuse(entry, record.refused)
  }

  function refuse(entry: Entry | undefined, refused: readonly RefusedPattern[]): void {
    if (entry !== undefined) guarded(() => entry.handlers.onRefused?.(refused))
  }

  function refuseWhole(id: number, error: WireError): void {
    const entry = registry.get(id)
    refuse(entry, entry?.wanted.requests.map(({ pattern }) => ({ pattern, error })) ?? [])
    answered(id)
  }

  /** A stream whose numbers begin anew: what was seen says nothing any more. */
  function forgetSeqs(stream: string): void {
    for (const entry of registry.entries())
      for (const [subject, slot] of entry.slots)
        if (streamHolds(stream, subject.slice(0, subject.indexOf('.')))) slot.lastSeq = -1
  }

  function tellAll(outcome: Outcome, only?: ReadonlySet<number>): void {
    for (const entry of [...registry.entries()]) {
      const concerned = entry.wanted.tokens.some(([kind]) => streamHolds(outcome.stream, kind))
      if (concerned && (only === undefined || only.has(entry.id))) tellOutcome(entry, outcome)
    }
  }

  /** The first one answers our `resume`; a later one says what the gateway itself missed, which concerns everybody. */
  function resumeAnswered(answer: Streams): void {
    const only = streams === undefined ? resumed : undefined
    streams ??= answer
    for (const [stream, outcome] of Object.entries(answer)) {
      if (outcome === 'snapshot') forgetSeqs(stream)
      tellAll(outcomeOf(stream, outcome), only)
    }
  }

  /** The gateway cannot read our cursor: everything begins anew, and those who hoped to go on are told. */
  function beginAnew(): void {
    forgetSeqs(EVERY_STREAM)
    tellAll({ kind: 'snapshot', stream: EVERY_STREAM }, resumed)
    for (const { id } of options.resumed) {
      const entry = registry.get(id)
      if (entry === undefined) settle(id)
      else options.onSubscribe({ id, patterns: entry.wanted.requests })
    }
  }

  function reset(stream: string): void {
    forgetSeqs(stream)
    tellAll({ kind: 'reset', stream })
  }

  /** Without a number it may have been any question: those that are open would wait for ever, so the connection is made anew. */
  function refused(id: number | undefined, error: WireError): void {
    if (id !== undefined) refuseWhole(id, error)
    else if (error.code === 'GTW_BAD_CURSOR') beginAnew()
    else if (asked.size > 0) throw new TypeError(error.code)
  }

  function control(record: ControlRecord): void {
    if (record.op === 'topics') announce(record.topics)
    else if (record.op === 'subscribed') open(record)
    else if (record.op === 'live') goLive(record.id, record.cursor)
    else if (record.op === 'cursor') noteCursor(record.cursor)
    else if (record.op === 'resumed') resumeAnswered(record.streams)
    else if (record.op === 'reset') reset(record.stream)
    else if (record.op === 'error' && typeof record.id !== 'string') refused(record.id, record.error)
    else options.onControl(record)
  }

  if (awaited.size === 0) settle(-1)

  return {
    receive(records) {
      for (const record of records) {
        if ('op' in record) control(record)
        else deliver(record)
      }
      flush()
    },
    asked: ask
  }
}

function outcomeOf(stream: string, outcome: StreamOutcome): Outcome {
  return typeof outcome === 'string' ? { kind: outcome, stream } : { kind: 'gap', stream, ...outcome.gap }
}
