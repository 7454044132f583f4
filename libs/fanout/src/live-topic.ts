import type { Projection } from '@meridian/msgpack'
import type { Extremes } from '@meridian/sample'
import { payloadKindOf } from '@meridian/subjects'
import { headOf } from './chunk.ts'
import type { Hole } from './holes.ts'
import type { Message, TopicName } from './message.ts'

/** Where a topic's messages wait until they are sent, in the order in which a flush sends them. */
export interface Outbox {
  /** Messages of streams that flush at once. */
  now: Message[]
  /** Messages of streams that flush with the tick, where every message is wanted. */
  tick: Message[]
  /** Last values whose tick has come. */
  latest: Message[]
  /** By stream, what its follower never got since the last flush. */
  gaps: Map<string, Hole>
  /** Sends everything, or only what waits for no tick. */
  flush(everything: boolean): void
}

/** What the members of one view want of one topic. */
export interface Interest {
  readonly outbox: Outbox
  readonly topic: LiveTopic
  /** EVERY_MESSAGE, or ticks from one value to the next. */
  readonly periodTicks: number
  /** The extremes of each period are wanted besides its last value. */
  readonly isMinMax: boolean
  readonly projection: Projection | undefined
  /**
   * idle -> waiting (a value waits on the wheel for its tick) -> idle; any -> removed (its view or its topic
   * has ended).
   */
  state: 'idle' | 'waiting' | 'removed'
  /** Number of the tick at which it last gave a value; -Infinity before. */
  sentTick: number
  /** Index in the list of its topic, for removal without a search. */
  at: number
}

/** Period of an interest in every message. */
export const EVERY_MESSAGE = 0

/** A subject that was seen, with its last value and everybody who wants its messages. */
export interface LiveTopic extends TopicName {
  last: Message | undefined
  /** Messages of it that the ring holds; a topic of a log stream ends with the last of them. */
  held: number
  forgottenUpTo: number
  /** Interests in every message; `latest` has the others. */
  readonly all: Interest[]
  /** The outboxes of `all`, in the same order: a delivery reads no interest. */
  readonly outboxes: Outbox[]
  /** Interests in the last value at some rate. */
  readonly latest: Interest[]
  /** What gathers for interests in extremes, one bucket for each rate; undefined: nobody has any. */
  minMax: MinMaxBucket[] | undefined
}

/**
 * What gathers on one topic for everybody who wants its extremes at one rate. empty -> filling (from its first
 * message on, until its tick) -> empty.
 */
export interface MinMaxBucket {
  readonly topic: LiveTopic
  readonly periodTicks: number
  readonly interests: Interest[]
  filling: Filling | undefined
}

/** What has gathered since the first message behind a tick. */
export interface Filling {
  readonly from: number
  count: number
  last: Message<LiveTopic>
  readonly numbers: Map<string, FieldExtremes>
}

/** The extremes of one field: one row, or one for each element. */
export interface FieldExtremes {
  readonly extremes: Extremes
  isList: boolean
}

/** A topic without value and without interests. */
export const createLiveTopic = (
  id: number,
  subject: string,
  stream: string,
  uncatalogued: boolean
): LiveTopic => ({
  id,
  subject,
  uncatalogued,
  isSample: payloadKindOf(subject) === 'sample',
  stream,
  head: headOf(id),
  last: undefined,
  held: 0,
  forgottenUpTo: 0,
  all: [],
  outboxes: [],
  latest: [],
  minMax: undefined
})
