import { EVERY_MESSAGE, type Interest, type LiveTopic, type MinMaxBucket } from './live-topic.ts'
import { createMinMaxBucket } from './minmax-bucket.ts'

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
