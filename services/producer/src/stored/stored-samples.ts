import { type Broker, lastValues, readStream, type StreamMessage } from '@meridian/broker'
import type { Catalogue } from '@meridian/catalogue'
import { decodeSample, sampleId } from '@meridian/sample'
import { everythingBelow, patternOf, type StreamName } from '@meridian/subjects'
import { taiSecondsOf, utcMsOf } from '@meridian/time'
import type { Assignment } from '../assignment.ts'
import type { SourceTopic } from '../sources/source-topic.ts'
import { createTopicOfSubject } from './topic-of-subject.ts'

// A source whose transport keeps what was said begins again where the streams stand. Of each subject the newest
// sample is known, and of the last half minute every one: samples of one subject are stored in the order in which
// they were said, except where a transport has several partitions, and these are not half a minute apart.

/** All instances of a topic together. */
export type SharedTopic = Pick<SourceTopic, 'csc' | 'kind' | 'name'>

/** What a sample is looked up by. */
interface StoredQuestion {
  readonly subject: string
  /** TAI seconds. */
  readonly sndStamp: number
  readonly id: string
}

/** What the streams hold of what this process is assigned. */
export interface StoredSamples {
  /** Reads it. Throws the broker's errors. */
  read(broker: Broker): Promise<void>
  /** Since when (UTC, ms) not everything of a topic may be stored; undefined where nothing of it is. */
  sinceMs(topic: SharedTopic): number | undefined
  /** Indices of the instances of which something of this topic is stored. */
  instances(topic: SharedTopic): ReadonlySet<number>
  /** Whether a sample is stored that was said before `read`. */
  has(question: StoredQuestion): boolean
  /** Everything from before `read` has been looked up: what was read makes room. */
  forget(): void
}

/** The site and the instances whose stored samples are read. */
export interface StoredSamplesOptions {
  readonly site: string
  readonly assignment: Assignment
  readonly catalogue: Catalogue
}

/** Time for each of the readings. */
const TIMEOUT_MS = 60_000
const RECENT_MS = 30_000
/**
 * A subject that has said nothing for so long is not late but silent: a broker that was away for less may have
 * taken one subject of a topic up to here and another one only up to there.
 */
const SILENT_MS = 10 * 60_000
/** By how much clocks of components and of brokers may differ. */
const MARGIN_MS = 10_000
/** A stamp from longer before its storing, or from as long after it, is that of a wrong clock. */
const MOST_LATE_MS = 24 * 3_600_000

interface Newest {
  readonly topic: SourceTopic
  readonly sndStamp: number
  readonly storedMs: number
}

/** Samples of one subject that were stored last: all of them from a stamp on. */
interface Recent {
  fromStamp: number
  readonly ids: Set<string>
}

/** Makes one that holds nothing yet. */
export const createStoredSamples = (options: StoredSamplesOptions): StoredSamples => new ReadSamples(options)

class ReadSamples implements StoredSamples {
  readonly #options: StoredSamplesOptions
  readonly #topicOf
  readonly #newest = new Map<string, Newest>()
  readonly #recent = new Map<string, Recent>()
  readonly #topics = new Map<string, Newest[]>()

  constructor(options: StoredSamplesOptions) {
    this.#options = options
    this.#topicOf = createTopicOfSubject(options.catalogue)
  }

  async read(broker: Broker): Promise<void> {
    this.forget()
    for (const [stream, subjects] of patternsOf(this.#options))
      for await (const message of lastValues(broker, { stream, subjects, timeoutMs: TIMEOUT_MS }))
        this.#takeNewest(message)
    let newestMs = RECENT_MS
    for (const { storedMs } of this.#newest.values()) newestMs = Math.max(newestMs, storedMs)
    const from = { timeUs: (newestMs - RECENT_MS) * 1000 }
    const bounds = { maxMessages: Infinity, maxBytes: Infinity, timeoutMs: TIMEOUT_MS }
    for (const [stream, subjects] of patternsOf(this.#options))
      for await (const message of readStream(broker, { stream, subjects, from, ...bounds }))
        this.#takeRecent(message)
  }

  sinceMs(topic: SharedTopic): number | undefined {
    const times = (this.#topics.get(nameOf(topic)) ?? []).map(saidMsOf)
    if (times.length === 0) return undefined
    const newest = times.reduce((a, b) => Math.max(a, b))
    return (
      times.reduce((least, ms) => (ms > newest - SILENT_MS ? Math.min(least, ms) : least), newest) - MARGIN_MS
    )
  }

  instances(topic: SharedTopic): ReadonlySet<number> {
    return new Set((this.#topics.get(nameOf(topic)) ?? []).map(({ topic: { index } }) => index))
  }

  has({ subject, sndStamp, id }: StoredQuestion): boolean {
    const newest = this.#newest.get(subject)
    if (newest === undefined) return false
    const recent = this.#recent.get(subject)
    if (recent === undefined || sndStamp < recent.fromStamp) return sndStamp <= newest.sndStamp
    return recent.ids.has(id)
  }

  forget(): void {
    for (const map of [this.#newest, this.#recent, this.#topics]) map.clear()
  }

  #takeNewest({ subject, data, timeUs }: StreamMessage): void {
    const topic = this.#topicOf(subject)
    if (topic === undefined || !this.#options.assignment.has(topic)) return
    const storedMs = timeUs / 1000
    const newest = { topic, sndStamp: possibleStamp(decodeSample(data).sndStamp, storedMs), storedMs }
    this.#newest.set(subject, newest)
    const all = this.#topics.get(nameOf(topic))
    if (all === undefined) this.#topics.set(nameOf(topic), [newest])
    else all.push(newest)
  }

  #takeRecent({ subject, data, timeUs }: StreamMessage): void {
    const topic = this.#newest.get(subject)?.topic
    if (topic === undefined) return
    const { sndStamp, seqNum, origin } = decodeSample(data)
    const from = possibleStamp(sndStamp, timeUs / 1000)
    const recent = this.#recent.get(subject) ?? { fromStamp: from, ids: new Set() }
    recent.fromStamp = Math.min(recent.fromStamp, from)
    recent.ids.add(
      sampleId({ csc: topic.csc, index: topic.index, topic: topic.name, origin, seqNum, sndStamp })
    )
    this.#recent.set(subject, recent)
  }
}

const nameOf = ({ csc, kind, name }: SharedTopic): string => `${csc}.${kind}.${name}`

/** A stamp from far ahead would be newer than all that is said until then, and hide it: such a sample counts by its storing. */
const possibleStamp = (sndStamp: number, storedMs: number): number =>
  utcMsOf(sndStamp) > storedMs + MOST_LATE_MS ? taiSecondsOf(storedMs) : sndStamp

/** When the newest sample of a subject was said, UTC ms: by its stamp where that can be, else by when it was stored. */
function saidMsOf({ sndStamp, storedMs }: Newest): number {
  const ms = utcMsOf(sndStamp)
  return ms > storedMs - MOST_LATE_MS && ms <= storedMs ? ms : storedMs
}

/** Subjects of samples that are assigned, and some more, by stream. */
function patternsOf({
  site,
  assignment: { selectors }
}: StoredSamplesOptions): ReadonlyMap<StreamName, readonly string[]> {
  if (selectors === 'rest')
    return new Map<StreamName, readonly string[]>([
      ['TEL', [everythingBelow('tel', { site }), everythingBelow('hb', { site })]],
      ['EVT', [everythingBelow('evt', { site })]],
      ['SCRIPT', [everythingBelow('script', { site })]]
    ])
  const instances = selectors.map(({ csc, index }) => ({ site, csc, ...(index !== undefined && { index }) }))
  const queues = instances.filter(({ csc }) => csc === 'ScriptQueue')
  return new Map<StreamName, readonly string[]>([
    ['TEL', instances.flatMap(instance => [everythingBelow('tel', instance), heartbeats(instance)])],
    ['EVT', instances.map(instance => everythingBelow('evt', instance))],
    ...(queues.length > 0 ? [['SCRIPT', queues.map(scriptsOf)] as const] : [])
  ])
}

type Instances = { readonly site: string; readonly csc: string; readonly index?: number }

const heartbeats = (instance: Instances): string => patternOf('hb', instance)
const scriptsOf = ({ site, index }: Instances): string =>
  everythingBelow('script', { site, ...(index !== undefined && { queue: index }) })
