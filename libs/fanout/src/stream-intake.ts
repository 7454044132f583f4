import type { Deliveries } from './deliveries.ts'
import type { Flusher } from './flusher.ts'
import type { StoredMessage } from './history-source.ts'
import type { Hole } from './holes.ts'
import type { HubCounts } from './hub-counts.ts'
import { withoutForgotten } from './removed.ts'
import { beginReadLog, clearStream, type Stream, type StreamHead, streamNamed } from './stream.ts'
import type { TopicTable } from './topic-table.ts'
import { mayRead, type Views } from './views.ts'

/** How followers feed their streams to the hub. */
export interface StreamIntake {
  /** One message of a stream, in the stream's order. */
  message(stream: string, message: StoredMessage): void
  /**
   * The follower never got these: whoever may have wanted some of them is told, now and at a later resume. Gives
   * what is told: not what was forgotten when `keepOnly` was called last; undefined: nothing.
   */
  hole(stream: string, hole: Hole): Hole | undefined
  /** The stream's past has been delivered: cursors of it mean something from here. */
  warm(stream: string, head: StreamHead): void
  /** The stream is another one: its values are forgotten and everybody concerned is told. */
  reset(stream: string): void
}

/** What an intake hands messages to. */
export interface IntakeParts {
  readonly streams: ReadonlyMap<string, Stream>
  readonly topics: TopicTable
  readonly deliveries: Deliveries
  readonly views: Views
  readonly flusher: Flusher
  readonly counts: Pick<HubCounts, 'messages' | 'missed'>
}

/** The intake of these streams; every call throws a RangeError for another one. */
export function createStreamIntake(parts: IntakeParts): StreamIntake {
  const { streams, topics, deliveries, views, flusher, counts } = parts
  const streamOf = (name: string): Stream => streamNamed(streams, name)

  return {
    message(name, stored) {
      const stream = streamOf(name)
      counts.messages++
      const message = topics.read(name, stored)
      stream.seq = stored.seq
      stream.timeUs = stored.timeUs
      if (message === undefined) return
      stream.readLog.note(stored.seq, message.topic.subject)
      message.topic.last = message
      if (stream.epoch !== undefined || stream.kind === 'log') {
        message.topic.held++
        stream.ring.push(message)
      }
      deliveries.deliver(message, stream)
    },
    hole(name, hole) {
      const stream = streamOf(name)
      Object.assign(stream, { seq: hole.to, timeUs: 0 })
      const lost = stream.forgotten === undefined ? hole : withoutForgotten(hole, stream.forgotten)
      if (lost === undefined) return undefined
      counts.missed += lost.to - lost.from + 1
      stream.holes.add(lost)
      for (const view of views.all())
        if (view.streams.includes(stream)) deliveries.deliverGap(view, name, lost)
      return lost
    },
    warm(name, head) {
      const stream = streamOf(name)
      if (head.seq > stream.seq) Object.assign(stream, { seq: head.seq, timeUs: head.timeUs })
      stream.epoch = head.epoch
      if (head.maxPerSubject !== undefined) stream.limits.note(head.maxPerSubject, stream.seq)
      if (stream.kind === 'state' || stream.ring.length === 0)
        stream.ring.begin({ seq: stream.seq, timeUs: stream.timeUs })
      beginReadLog(stream)
    },
    reset(name) {
      const stream = streamOf(name)
      deliveries.settle()
      const concerned = [...views.all()].filter(view => view.patterns.some(p => mayRead(p, stream)))
      for (const view of concerned) view.flush(true)
      clearStream(stream)
      topics.forgetValues(name)
      for (const view of concerned) flusher.tell(view, { op: 'reset', stream: name })
    }
  }
}
