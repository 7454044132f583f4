import type { Catalogue, Instance } from '@meridian/catalogue'
import type { FoundPartition, LogReader } from '@meridian/sal'
import type { Assignment } from '../../assignment.ts'
import type { SharedTopic, StoredSamples } from '../../stored/stored-samples.ts'

/** Where reading of a partition begins. */
export interface Beginning {
  /** The first record that is read. */
  readonly from: bigint
  /** From here on every record is passed on; before it, of events, the last of each instance and key. */
  readonly liveFrom: bigint
  /** From here on nothing was said before this process began. */
  readonly end: bigint
}

/** What is known where a partition of Kafka begins to be read: what the streams hold, and who is assigned. */
export interface BeginningsOptions {
  readonly offsetsSince: LogReader['offsetsSince']
  readonly stored: Pick<StoredSamples, 'sinceMs' | 'instances'>
  readonly assignment: Pick<Assignment, 'has'>
  readonly catalogue: Catalogue
  readonly instances: readonly Instance[]
  readonly nowMs: () => number
  /** Telemetry from longer ago is left out, ms. */
  readonly catchUpMs: number
  /** How long the stream of scripts keeps what they said, ms. */
  readonly scriptsKeptMs: number
  /** The topic of a topic of Kafka. */
  readonly topicOf: (kafkaTopic: string) => SharedTopic
  /** Keys of a topic of Kafka, each of which has a last message. */
  readonly keysOf: (kafkaTopic: string) => readonly string[]
  /** Told of telemetry that is left out: when it begins and ends, UTC, ms. */
  readonly onLate: (topic: SharedTopic, fromMs: number, toMs: number) => void
}

/** Positions by time are asked for once for all topics of the same ten seconds. */
const STEP_MS = 10_000

interface Plan {
  readonly found: FoundPartition
  /** Undefined: at the end. */
  readonly liveMs: number | undefined
  /** Where the reading for last messages begins. */
  readonly history: 'nowhere' | 'start' | 'last' | { readonly sinceMs: number }
}

/**
 * Where reading begins: where the streams stand, so that a restart neither loses nor repeats. What was never stored
 * begins now; of events the last of each instance and key is looked for further back.
 */
export async function beginningsOf(
  found: readonly FoundPartition[],
  options: BeginningsOptions
): Promise<readonly Beginning[]> {
  const plans = found.map(found => planOf(found, options))
  const offsets = await offsetsOf(plans, options)
  return plans.map(plan => beginningOf(plan, offsets))
}

function planOf(found: FoundPartition, options: BeginningsOptions): Plan {
  const { stored, topicOf } = options
  const topic = topicOf(found.topic)
  const sinceMs = stored.sinceMs(topic)
  if (topic.kind !== 'evt') return { found, liveMs: boundedMs(topic, sinceMs, options), history: 'nowhere' }
  const isKnown = sinceMs !== undefined && hasAll(topic, options)
  return { found, liveMs: sinceMs, history: isKnown ? 'nowhere' : historyOf(found.topic, topic, options) }
}

function boundedMs(
  topic: SharedTopic,
  sinceMs: number | undefined,
  { nowMs, catchUpMs, onLate }: BeginningsOptions
): number | undefined {
  const earliestMs = nowMs() - catchUpMs
  if (sinceMs === undefined || sinceMs >= earliestMs) return sinceMs
  onLate(topic, sinceMs, earliestMs)
  return earliestMs
}

/** Whether something of each instance that the site lists is stored. */
function hasAll(topic: SharedTopic, { stored, assignment, instances }: BeginningsOptions): boolean {
  const known = stored.instances(topic)
  return instances.every(
    ({ csc, index }) => csc !== topic.csc || known.has(index) || !assignment.has({ ...topic, index })
  )
}

function historyOf(
  kafkaTopic: string,
  { csc, name }: SharedTopic,
  { catalogue, keysOf, nowMs, scriptsKeptMs }: BeginningsOptions
): Plan['history'] {
  const component = catalogue.component(csc)
  // Kafka keeps the last events of every script that ever ran; the stream forgets them.
  if (csc === 'Script' || component?.events.get(name)?.scriptIndexField !== undefined)
    return { sinceMs: nowMs() - scriptsKeptMs }
  const isSingle = component?.indexed === false && keysOf(kafkaTopic).length === 0
  return isSingle ? 'last' : 'start'
}

type Offsets = (found: FoundPartition, timeMs: number) => bigint

const stepOf = (timeMs: number): number => Math.floor(timeMs / STEP_MS) * STEP_MS

async function offsetsOf(plans: readonly Plan[], { offsetsSince }: BeginningsOptions): Promise<Offsets> {
  const topics = new Map<number, Set<string>>()
  for (const { found, liveMs, history } of plans)
    for (const ms of [liveMs, typeof history === 'object' ? history.sinceMs : undefined])
      if (ms !== undefined) topics.set(stepOf(ms), (topics.get(stepOf(ms)) ?? new Set()).add(found.topic))
  const offsets = new Map<number, Awaited<ReturnType<LogReader['offsetsSince']>>>()
  for (const [ms, names] of topics) offsets.set(ms, await offsetsSince([...names], ms))
  return (found, ms) => offsets.get(stepOf(ms))?.(found) ?? found.end
}

function beginningOf({ found, liveMs, history }: Plan, offsets: Offsets): Beginning {
  const { earliest, end } = found
  const liveFrom = liveMs === undefined ? end : offsets(found, liveMs)
  const before = { nowhere: liveFrom, start: earliest, last: liveFrom - 1n }
  const from = typeof history === 'string' ? before[history] : offsets(found, history.sinceMs)
  return { from: from < earliest ? earliest : from > liveFrom ? liveFrom : from, liveFrom, end }
}
