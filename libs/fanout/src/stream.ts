import type { StreamKind, StreamTraits } from '@meridian/subjects'
import type { Forgotten } from './history-source.ts'
import { createHoles, type Holes } from './holes.ts'
import { createLimitsSeen, type LimitsSeen } from './limits-seen.ts'
import type { LiveTopic } from './live-topic.ts'
import type { Message } from './message.ts'
import { createReadLog, type ReadLog } from './read-log.ts'
import { Ring, type RingLimits } from './ring.ts'

/** A stream as fan-out knows it: a `StreamTraits` of libs/subjects that is no queue. */
export interface StreamOptions {
  readonly name: string
  /** Its messages leave with the telemetry tick, or at once. */
  readonly flush: StreamTraits['flush']
  /**
   * `state`: followed from the last value of each subject. `log`: from a short time back, and its topics end.
   */
  readonly kind: Exclude<StreamKind, 'queue'>
}

/** How far a follower has read its stream: the last sequence, and when that was stored, UTC microseconds. */
export interface StreamHead {
  readonly epoch: string
  readonly seq: number
  readonly timeUs: number
  /** Messages that the stream keeps of one subject, where that is known; Infinity: no such limit. */
  readonly maxPerSubject?: number
}

/**
 * cold (being filled, its cursors mean nothing) -> warm (epoch known, the ring holds what follows) -> cold
 * again by a reset.
 */
export interface Stream extends StreamOptions {
  epoch: string | undefined
  seq: number
  timeUs: number
  /** Its head as part of a cursor's token, as worked out last. */
  mark: { readonly seq: number; readonly epoch: string; readonly text: string }
  readonly ring: Ring<Message<LiveTopic>>
  /** What its follower never got. */
  readonly holes: Holes
  /** What was forgotten of it when its follower connected anew last; undefined: not known. */
  forgotten: Forgotten | undefined
  readonly limits: LimitsSeen
  /** What its follower got, while it keeps only so many messages of each subject. */
  readonly readLog: ReadLog
}

/** A stream nothing is known of yet. */
export const createStream = (
  { name, flush, kind }: StreamOptions,
  limits: RingLimits,
  dropped: (message: Message<LiveTopic>) => void
): Stream => ({
  name,
  flush,
  kind,
  epoch: undefined,
  seq: 0,
  timeUs: 0,
  mark: { seq: -1, epoch: '', text: '' },
  ring: new Ring(limits, dropped),
  holes: createHoles(),
  forgotten: undefined,
  limits: createLimitsSeen(),
  readLog: createReadLog()
})

/** The stream of this name. Throws a RangeError where there is none: whoever feeds a hub knows its streams. */
export function streamNamed(streams: ReadonlyMap<string, Stream>, name: string): Stream {
  const stream = streams.get(name)
  if (stream === undefined) throw new RangeError(`no stream ${name}`)
  return stream
}

/** Makes a stream one that nothing is known of yet. */
export function clearStream(stream: Stream): void {
  Object.assign(stream, { epoch: undefined, seq: 0, timeUs: 0, forgotten: undefined })
  stream.ring.begin(undefined)
  stream.holes.clear()
  stream.limits.clear()
  stream.readLog.clear()
}

/** Remembers what is read of a stream from now on, if it keeps only so many messages of each subject. */
export function beginReadLog({ limits, readLog, seq }: Stream): void {
  if (readLog.from === undefined && limits.leastSince(seq) !== Number.POSITIVE_INFINITY)
    readLog.begin(seq + 1)
}
