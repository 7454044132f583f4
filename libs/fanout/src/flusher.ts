import { type ControlRecord, type Encoding, encodeControl, encodeCursor } from '@meridian/protocol/live'
import { chunkOf } from './chunk.ts'
import type { Frame, FrameComposer } from './frame.ts'
import type { FlushCounts } from './hub-counts.ts'
import type { Message, TopicName } from './message.ts'
import { sameItems } from './same-items.ts'
import { createSentSamples, type OnSent } from './sent-samples.ts'
import type { Stream } from './stream.ts'
import type { View } from './view.ts'

/** Makes frames of what waits in views and sends them to the views' members. */
export interface Flusher {
  /** Sends what has gathered: everything, or only what is not bound to the telemetry tick. */
  flush(view: View, everything: boolean): void
  /** A control record to every member. */
  tell(view: View, record: ControlRecord): void
  /** A cursor alone, when it has moved without any data: so that it never grows too old to be of use. */
  refreshCursor(view: View): void
}

/** A cursor as members get it, and the positions that it was made of. */
interface SentCursor {
  readonly positions: readonly string[]
  readonly token: string
  readonly record: Uint8Array
}

/** A flusher that adds up what it sends in `counts` and tells `onSent` of some of it. */
export function createFlusher(frames: FrameComposer, counts: FlushCounts, onSent?: OnSent): Flusher {
  const sampleOf = createSentSamples(onSent)
  // Views that are flushed in the same tick mostly have the same cursor.
  const cursors = new Map<Encoding, SentCursor>()

  const cursorOf = ({ codec, positions }: View): SentCursor => {
    const last = cursors.get(codec)
    if (last !== undefined && sameItems(last.positions, positions)) return last
    const token = tokenOf({ positions })
    const record = encodeControl(codec, { op: 'cursor', cursor: token })
    const made = { positions: [...positions], token, record }
    cursors.set(codec, made)
    return made
  }
  const addCursor = (view: View, records: Uint8Array[]): number => {
    const { token, record } = cursorOf(view)
    view.lastToken = token
    records.push(record)
    return 1
  }
  const send = ({ members }: View, composed: readonly Frame[]): void => {
    const { size } = members
    for (const frame of composed) {
      counts.frames += size
      counts.records += frame.records * size
      counts.bytes += frame.buffer.length * size
      for (const member of members) member.send(frame)
    }
  }
  const flush = (view: View, everything: boolean): void => {
    const records: Uint8Array[] = []
    let control = announce(view.codec, view.unannounced, records)
    const gaps = view.gaps.size === 0 ? 0 : addGaps(view, records)
    control += gaps
    const compose = holdsSamplesOnly(view, everything) ? frames.composeSamples : frames.compose
    const tellSent = sampleOf(view, everything)
    const moves = gaps > 0 || view.now.length > 0 || (everything && view.tick.length > 0)
    gather(view, view.now, records, counts)
    if (everything) {
      gather(view, view.tick, records, counts)
      gather(view, view.latest, records, counts)
    }
    forget(view, everything)
    advance(view, everything)
    if (moves) control += addCursor(view, records)
    if (records.length === 0) return
    send(view, compose(view.codec, records, control))
    tellSent()
  }

  return {
    flush,
    tell(view, record) {
      send(view, frames.compose(view.codec, [encodeControl(view.codec, record)], 1))
    },
    refreshCursor(view) {
      if (view.streams.length === 0) return
      flush(view, true)
      if (cursorOf(view).token === view.lastToken) return
      const records: Uint8Array[] = []
      const control = addCursor(view, records)
      send(view, frames.compose(view.codec, records, control))
    }
  }
}

/** Whether what a flush sends may be compressed. */
const holdsSamplesOnly = ({ now, tick, latest }: View, everything: boolean): boolean =>
  now.every(isSample) && (!everything || (tick.every(isSample) && latest.every(isSample)))

const isSample = ({ topic }: Message): boolean => topic.isSample

function gather(
  { codec, isProjecting, interests }: View,
  messages: readonly Message[],
  records: Uint8Array[],
  counts: FlushCounts
): void {
  for (const message of messages) {
    const projection = isProjecting ? interests.get(message.topic)?.projection : undefined
    try {
      records.push(chunkOf(message, codec, projection))
    } catch {
      counts.failures++
    }
  }
}

/** Says what the members have lost since the last flush, once for each stream. */
function addGaps({ codec, gaps }: View, records: Uint8Array[]): number {
  const told = gaps.size
  for (const [stream, { from, to }] of gaps)
    records.push(encodeControl(codec, { op: 'gap', stream, from, to }))
  gaps.clear()
  return told
}

function forget(view: View, everything: boolean): void {
  if (view.unannounced.length > 0) view.unannounced = []
  if (view.now.length > 0) view.now = []
  if (!everything) return
  if (view.tick.length > 0) view.tick = []
  if (view.latest.length > 0) view.latest = []
}

/** Adds the announcement of topics; gives how many records that made. */
export function announce(codec: Encoding, topics: readonly TopicName[], records: Uint8Array[]): number {
  if (topics.length === 0) return 0
  const named = topics.map(t =>
    t.uncatalogued ? ([t.id, t.subject, 'uncatalogued'] as const) : ([t.id, t.subject] as const)
  )
  records.push(encodeControl(codec, { op: 'topics', topics: named }))
  return 1
}

/**
 * Everything up to the streams' heads has been flushed: of all streams, or of those that wait for no tick.
 */
export function advance({ streams, positions }: View, everything: boolean): void {
  for (let i = 0; i < streams.length; i++) {
    const stream = streams[i] as Stream
    if (stream.epoch === undefined) positions[i] = ''
    else if (everything || stream.flush === 'now') positions[i] = markOf(stream, stream.epoch)
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

const EMPTY_CURSOR = encodeCursor({})

/** The cursor of a view's members; without a view, one that knows no stream. */
export const tokenOf = (view: Pick<View, 'positions'> | undefined): string =>
  EMPTY_CURSOR + (view?.positions.join('') ?? '')
