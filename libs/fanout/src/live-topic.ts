import type { Projection } from '@meridian/msgpack'
import { payloadKindOf } from '@meridian/subjects'
import { headOf } from './chunk.ts'
import type { Hole } from './holes.ts'
import type { Message, TopicName } from './message.ts'
import { createMinMaxBucket, type MinMaxBucket } from './minmax-bucket.ts'

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
  isForgotten: boolean
  /** Interests in every message; `latest` has the others. */
  readonly all: Interest[]
  /** The outboxes of `all`, in the same order: a delivery reads no interest. */
  readonly outboxes: Outbox[]
  /** Interests in the last value at some rate. */
  readonly latest: Interest[]
  /** What gathers for interests in extremes, one bucket for each rate; undefined: nobody has any. */
  minMax: MinMaxBucket[] | undefined
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
  isForgotten: false,
  all: [],
  outboxes: [],
  latest: [],
  minMax: undefined
})

/** Puts an interest into its topic's list. */
export function addInterest({
  outbox,
  topic,
  periodTicks,
  isMinMax,
  projection
}: Pick<Interest, 'outbox' | 'topic' | 'periodTicks' | 'isMinMax' | 'projection'>): Interest {
  const bucket = isMinMax ? bucketOf(topic, periodTicks) : undefined
  const list = bucket?.interests ?? listOf(topic, periodTicks)
  const state = bucket?.filling === undefined ? 'idle' : 'waiting'
  const at = list.length
  const sentTick = Number.NEGATIVE_INFINITY
  // Written out: of objects made by a spread V8 sees each as of another shape, which makes delivering several
  // times slower.
  const interest: Interest = { outbox, topic, periodTicks, isMinMax, projection, state, sentTick, at }
  list.push(interest)
  if (periodTicks === EVERY_MESSAGE) topic.outboxes.push(outbox)
  return interest
}

/** Everybody who wants something of a topic. */
export const interestsOf = ({ all, latest, minMax = [] }: LiveTopic): readonly Interest[] => [
  ...all,
  ...latest,
  ...minMax.flatMap(({ interests }) => interests)
]

/** Takes an interest out of its topic's list; the last one takes its place. */
export function removeInterest(interest: Interest): void {
  interest.state = 'removed'
  const { topic, periodTicks, isMinMax, at } = interest
  const list = isMinMax ? bucketOf(topic, periodTicks).interests : listOf(topic, periodTicks)
  const last = list.pop()
  if (isMinMax && list.length === 0) dropEmpty(topic)
  if (periodTicks === EVERY_MESSAGE) topic.outboxes.pop()
  if (last === undefined || last === interest) return
  list[at] = last
  last.at = at
  if (periodTicks === EVERY_MESSAGE) topic.outboxes[at] = last.outbox
}

function bucketOf(topic: LiveTopic, periodTicks: number): MinMaxBucket {
  topic.minMax ??= []
  const known = topic.minMax.find(bucket => bucket.periodTicks === periodTicks)
  if (known !== undefined) return known
  const made = createMinMaxBucket(topic, periodTicks)
  topic.minMax.push(made)
  return made
}

function dropEmpty(topic: LiveTopic): void {
  const wanted = topic.minMax?.filter(({ interests }) => interests.length > 0) ?? []
  topic.minMax = wanted.length === 0 ? undefined : wanted
}

const listOf = (topic: LiveTopic, periodTicks: number): Interest[] =>
  periodTicks === EVERY_MESSAGE ? topic.all : topic.latest
