import { type Codec, type ControlRecord, encodeControl, encodeCursor } from '@meridian/protocol/live'
import { chunkOf } from './chunk.ts'
import { composeFrames, type Frame } from './frame.ts'
import type { Message } from './message.ts'
import type { Request } from './request.ts'
import type { Stream } from './stream.ts'
import type { Entry, Topic } from './topic.ts'

/** Who gets a view's frames. */
export interface Member {
  send(frame: Frame): void
}

/**
 * The same subscriptions in the same codec, shared by every connection that has them. Messages gather in it; a flush makes
 * one frame of them for all members.
 */
export interface View {
  readonly key: string
  readonly number: number
  readonly codec: Codec
  readonly requests: readonly Request[]
  /** Streams of which it reads every message of something: those that its cursor holds. */
  readonly streams: readonly Stream[]
  readonly entries: Map<Topic, Entry>
  readonly members: Set<Member>
  /** Some entry has a projection, so each message's must be looked up. */
  projects: boolean
  now: Message<Topic>[]
  tick: Message<Topic>[]
  /** Topics that its members have not been told of. */
  unannounced: Topic[]
  /** What waits for the tick includes messages of `all`. */
  tickHasAll: boolean
  /** It stands in the list of views to flush at once, or with the tick. */
  nowDue: boolean
  tickDue: boolean
  /** How far its members are, per stream of `streams`: parts of the cursor's token. */
  readonly positions: Map<Stream, string>
  /** The token that its members got last. */
  lastToken: string
}

/** What a flush needs to tell. */
export interface FlushCounts {
  frames: number
  records: number
  bytes: number
  failures: number
}

/** Sends what has gathered: everything, or only what is not bound to the telemetry tick. */
export function flushView(view: View, everything: boolean, counts: FlushCounts): void {
  const records: Uint8Array[] = []
  let control = announce(view, view.unannounced, records)
  const hasAll = view.now.length > 0 || (everything && view.tickHasAll)
  gather(view, view.now, records, counts)
  if (everything) gather(view, view.tick, records, counts)
  forget(view, everything)
  advance(view, everything)
  if (hasAll) control += cursorInto(view, records)
  if (records.length > 0) sendAll(view, records, control, counts)
}

function forget(view: View, everything: boolean): void {
  if (view.unannounced.length > 0) view.unannounced = []
  if (view.now.length > 0) view.now = []
  if (!everything || view.tick.length === 0) return
  view.tick = []
  view.tickHasAll = false
}

function gather(
  view: View,
  messages: readonly Message<Topic>[],
  records: Uint8Array[],
  counts: FlushCounts
): void {
  const { codec, entries, projects } = view
  for (const message of messages) {
    const projection = projects ? entries.get(message.topic)?.projection : undefined
    try {
      records.push(chunkOf(message, codec, projection))
    } catch {
      counts.failures++
    }
  }
}

/** Adds the announcement of topics; gives how many records that made. */
export function announce(
  view: { readonly codec: Codec },
  topics: readonly Topic[],
  records: Uint8Array[]
): number {
  if (topics.length === 0) return 0
  const named = topics.map(t =>
    t.uncatalogued ? ([t.id, t.subject, 'uncatalogued'] as const) : ([t.id, t.subject] as const)
  )
  records.push(encodeControl(view.codec, { op: 'topics', topics: named }))
  return 1
}

/** Everything up to the streams' heads has been flushed: of all streams, or of those that wait for no tick. */
export function advance(view: View, everything: boolean): void {
  for (const stream of view.streams) {
    if (stream.epoch === undefined) view.positions.delete(stream)
    else if (everything || stream.flush === 'now') view.positions.set(stream, markOf(stream, stream.epoch))
  }
}

/** The stream's head as part of a token; worked out once for all views that are flushed up to it. */
function markOf(stream: Stream, epoch: string): string {
  const { mark, seq, timeUs: ts, name } = stream
  if (mark.seq === seq && mark.epoch === epoch) return mark.text
  const text = encodeCursor({ [name]: { epoch, seq, ts } }).slice(EMPTY_CURSOR.length)
  stream.mark = { seq, epoch, text }
  return text
}

const NOTHING: Uint8Array = new Uint8Array()
const EMPTY_CURSOR = encodeCursor({})

/** The cursor of a view's members. */
export function tokenOf(view: View): string {
  let token = EMPTY_CURSOR
  for (const mark of view.positions.values()) token += mark
  return token
}

// Views that are flushed in the same tick mostly have the same cursor.
const lastCursor = { msgpack: { token: '', record: NOTHING }, json: { token: '', record: NOTHING } }

function cursorInto(view: View, records: Uint8Array[]): number {
  const token = tokenOf(view)
  view.lastToken = token
  const last = lastCursor[view.codec]
  if (last.token !== token) {
    last.token = token
    last.record = encodeControl(view.codec, { op: 'cursor', cursor: token })
  }
  records.push(last.record)
  return 1
}

/** A control record to every member. */
export function tellMembers(view: View, record: ControlRecord, counts: FlushCounts): void {
  sendAll(view, [encodeControl(view.codec, record)], 1, counts)
}

/** A cursor alone, when it has moved without any data: so that it never grows too old to be of use. */
export function refreshCursor(view: View, counts: FlushCounts): void {
  if (view.streams.length === 0) return
  flushView(view, true, counts)
  if (tokenOf(view) === view.lastToken) return
  const records: Uint8Array[] = []
  cursorInto(view, records)
  sendAll(view, records, 1, counts)
}

function sendAll(view: View, records: readonly Uint8Array[], control: number, counts: FlushCounts): void {
  composeFrames(
    view.codec,
    records,
    frame => {
      counts.frames += view.members.size
      counts.records += frame.records * view.members.size
      counts.bytes += frame.buffer.length * view.members.size
      for (const member of view.members) member.send(frame)
    },
    control
  )
}
