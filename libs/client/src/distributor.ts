import type { ControlRecord, DataRecord, StreamOutcome } from '@meridian/protocol/live'
import { classOf, matches, type Pattern, streamHolds } from '@meridian/subjects'
import { guarded, type Registry, type Slot, type SubscriptionEntry, tellOutcome } from './registry.ts'
import { partsOf } from './subject-parts.ts'
import type { Outcome, SubjectParts, Update } from './types.ts'

/** What became of each stream, as `resumed` says it. */
export type Streams = Readonly<Record<string, StreamOutcome>>

interface AnnouncedTopic {
  readonly subject: string
  readonly parts: SubjectParts
  readonly uncatalogued: boolean
  routes: readonly Slot[]
  version: number
}

/** Hands the data of one connection to the subscriptions that it is for. */
export class Distributor {
  readonly #number: number
  readonly #registry: Registry
  readonly #topics = new Map<number, AnnouncedTopic>()
  /** Subscriptions between `subscribed` and `live`: data that comes meanwhile is for them alone. */
  readonly #windows = new Set<number>()
  /** Streams that went on where the cursor stood, with or without a gap. */
  #continued: readonly string[] = []

  constructor(number: number, registry: Registry) {
    this.#number = number
    this.#registry = registry
  }

  announce(topics: Extract<ControlRecord, { op: 'topics' }>['topics']): void {
    for (const [id, subject, flag] of topics)
      this.#topics.set(id, {
        subject,
        parts: partsOf(subject),
        uncatalogued: flag === 'uncatalogued',
        routes: [],
        version: -1
      })
  }

  openWindow(id: number): void {
    this.#windows.add(id)
  }

  closeWindow(id: number): void {
    this.#windows.delete(id)
  }

  /** Notes what a `resume` brings: of streams that went on, what was missed; of the others, last values. */
  continued(streams: Streams): void {
    this.#continued = Object.keys(streams).filter(stream => streams[stream] !== 'snapshot')
  }

  /** Throws on a topic that was not announced. */
  deliver([id, rawSeq, time, fields, received = time]: DataRecord): void {
    const topic = this.#topicOf(id)
    const seq = Number(rawSeq)
    const isOpen = this.#windows.size > 0
    const snapshot = isOpen && !this.#isReplay(topic)
    for (const slot of topic.routes) {
      if (isOpen && !this.#windows.has(slot.entry.id)) continue
      slot.session = this.#number
      if (isNews(slot, seq, received, isOpen)) hand(slot, topic, { seq, time, received, fields, snapshot })
    }
  }

  /** Tells those that had data that the message is at its end; returns whether anybody had. */
  flush(): boolean {
    const touched = [...this.#registry.entries()].filter(entry => entry.isTouched)
    for (const entry of touched) {
      entry.isTouched = false
      guarded(() => entry.handlers.onFlush?.())
    }
    return touched.length > 0
  }

  /** The numbers of a stream begin anew: what was seen of it says nothing any more. */
  forget(stream: string): void {
    for (const { slots } of this.#registry.entries())
      for (const [subject, slot] of slots) if (streamHolds(stream, classOf(subject))) slot.lastSeq = -1
  }

  /**
   * Tells the subscriptions that read a stream, all or those of `only`, what became of it; a gap of named
   * subjects only those that match one.
   */
  tell(outcome: Outcome, only?: ReadonlySet<number>): void {
    const subjects = outcome.kind === 'gap' ? outcome.subjects : undefined
    const reads = (pattern: Pattern): boolean =>
      subjects === undefined
        ? streamHolds(outcome.stream, pattern.tokens[0])
        : subjects.some(subject => matches(pattern, subject))
    const isConcerned = ({ id, wanted }: SubscriptionEntry): boolean =>
      (only === undefined || only.has(id)) && wanted.patterns.some(reads)
    for (const entry of [...this.#registry.entries()].filter(isConcerned)) tellOutcome(entry, outcome)
  }

  #topicOf(id: number): AnnouncedTopic {
    const topic = this.#topics.get(id)
    if (topic === undefined) throw new TypeError(`topic ${id} was not announced`)
    const version = this.#registry.version()
    if (topic.version !== version) {
      topic.routes = this.#registry.routesOf(topic.subject)
      topic.version = version
    }
    return topic
  }

  #isReplay({ parts, routes }: AnnouncedTopic): boolean {
    return (
      this.#continued.some(stream => streamHolds(stream, parts.class)) &&
      routes.some(slot => slot.isAll && this.#windows.has(slot.entry.id))
    )
  }
}

/**
 * Whether a slot has not had this message. Where the cursor does not hold the stream, among last values and
 * between them, one that was received later is news whatever its number: the stream was made anew, or restored,
 * while nobody looked. One with a lower number that was received earlier comes from a gateway that is a little
 * behind.
 */
const isNews = (slot: Slot, seq: number, received: number, isWindow: boolean): boolean =>
  !slot.entry.isClosed && (seq > slot.lastSeq || ((isWindow || !slot.isAll) && received > slot.lastReceived))

function hand(
  slot: Slot,
  topic: AnnouncedTopic,
  sample: Pick<Update, 'seq' | 'time' | 'received' | 'fields' | 'snapshot'>
): void {
  slot.lastSeq = sample.seq
  slot.lastReceived = sample.received
  const { entry } = slot
  const { subject, parts, uncatalogued } = topic
  entry.isTouched = true
  guarded(() => entry.handlers.onData({ subject, parts, ...sample, uncatalogued }))
}
