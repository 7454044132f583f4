import { type Broker, lastValues, type Publication } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { createFieldsWriter } from '@meridian/msgpack'
import { decodeSample, encodeSample, sampleId } from '@meridian/sample'
import { eventOf, QUEUE_STATE_CSC } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import type { QueueEvent } from './queue-event.ts'
import { restoreQueue } from './restore-queue.ts'
import {
  createScriptQueue,
  QUEUE_PARTS,
  type QueueDocument,
  type QueuePart,
  type ScriptQueue
} from './script-queue.ts'

// The life of a queue here: restoring (from its first event, or from the start) -> following. While it is
// restoring, events are reduced but nothing is published, because the documents would lack what is not read
// yet; a broker that does not answer is asked again. While it follows, changes are published together, at
// most five times a second.

/** What the publishing of queue states works with. */
export interface QueueStatesOptions {
  readonly broker: Broker
  readonly site: string
  readonly clock: Clock
  readonly log: Logger
  readonly origin: number
  readonly publish: (publication: Publication) => void
}

/**
 * Publishes `evt.<site>.ScriptQueueState.<queue>.{state,scripts,available}`, each when it changed, at most five
 * times a second.
 */
export interface QueueStates {
  /** Restores a queue from the streams, so that what happened before this process shows. */
  open(index: number): void
  take(event: QueueEvent): void
  /** Publishes what is due, then ends. */
  stop(): void
}

const PUBLISH_EVERY_MS = 200
const RETRY_MS = 1_000
const LOG_EVERY_TRIES = 30
const NONE = new Uint8Array(0)

/** Makes the publishing of queue states; opens nothing. */
export const createQueueStates = (options: QueueStatesOptions): QueueStates =>
  new RestoringQueueStates(options)

interface QueueFollower {
  readonly index: number
  readonly queue: ScriptQueue
  kind: 'restoring' | 'following'
  tries: number
  timer: NodeJS.Timeout | undefined
  publishedMs: number
  /** Fields of the last document of each part, so that nothing is said twice. */
  readonly last: Map<QueuePart, Uint8Array>
}

class RestoringQueueStates implements QueueStates {
  readonly #options: QueueStatesOptions
  readonly #queues = new Map<number, QueueFollower>()
  readonly #write = createFieldsWriter([])
  #seqNum = 0
  #isStopped = false

  constructor(options: QueueStatesOptions) {
    this.#options = options
  }

  open(index: number): void {
    this.#followed(index)
  }

  take(event: QueueEvent): void {
    const followed = this.#followed(event.queue)
    followed.queue.apply(event)
    this.#schedule(followed)
  }

  stop(): void {
    this.#isStopped = true
    for (const followed of this.#queues.values()) {
      clearTimeout(followed.timer)
      if (followed.kind === 'following') this.#publish(followed)
    }
  }

  #followed(index: number): QueueFollower {
    const known = this.#queues.get(index)
    if (known !== undefined) return known
    const followed: QueueFollower = {
      index,
      queue: createScriptQueue(),
      kind: 'restoring',
      tries: 0,
      timer: undefined,
      publishedMs: 0,
      last: new Map()
    }
    this.#queues.set(index, followed)
    void this.#restore(followed)
    return followed
  }

  async #restore(followed: QueueFollower): Promise<void> {
    const { broker, site } = this.#options
    try {
      await this.#readLast(followed)
      await restoreQueue({ broker, site, index: followed.index, queue: followed.queue })
      followed.kind = 'following'
      this.#schedule(followed)
    } catch (caught) {
      this.#retry(followed, AppError.from(caught))
    }
  }

  async #readLast({ index, last }: QueueFollower): Promise<void> {
    const partOf = new Map(QUEUE_PARTS.map(part => [this.#subjectOf(index, part), part]))
    const subjects = [...partOf.keys()]
    for await (const { subject, data } of lastValues(this.#options.broker, { stream: 'EVT', subjects })) {
      const part = partOf.get(subject)
      if (part !== undefined) last.set(part, decodeSample(data).fields)
    }
  }

  #retry(followed: QueueFollower, { code, message }: AppError): void {
    if (this.#isStopped) return
    if (followed.tries++ % LOG_EVERY_TRIES === 0)
      this.#options.log.warn({ queue: followed.index, code, why: message }, 'script queue not restored yet')
    followed.timer = setTimeout(() => {
      followed.timer = undefined
      void this.#restore(followed)
    }, RETRY_MS)
  }

  #schedule(followed: QueueFollower): void {
    if (followed.kind === 'restoring' || followed.timer !== undefined || this.#isStopped) return
    const waitMs = Math.max(0, followed.publishedMs + PUBLISH_EVERY_MS - this.#options.clock.steadyMs())
    followed.timer = setTimeout(() => {
      followed.timer = undefined
      this.#publish(followed)
    }, waitMs)
  }

  #publish(followed: QueueFollower): void {
    followed.publishedMs = this.#options.clock.steadyMs()
    for (const [part, document] of followed.queue.takeChanges()) this.#publishPart(followed, part, document)
  }

  #publishPart(
    { index, last }: QueueFollower,
    part: QueuePart,
    { fields: values, sndStamp }: QueueDocument
  ): void {
    const fields = this.#write(values)
    if (Buffer.compare(fields, last.get(part) ?? NONE) === 0) return
    last.set(part, fields)
    // The origin is ours, not the source's: two producers that overlap may reduce at different moments, and
    // the later document must win.
    const { origin, clock, publish } = this.#options
    const id = { csc: QUEUE_STATE_CSC, index, topic: part, origin, seqNum: ++this.#seqNum, sndStamp }
    const data = encodeSample({
      ...id,
      rcvStamp: clock.taiSeconds(),
      identity: `${QUEUE_STATE_CSC}:${index}`,
      revCode: '',
      fields,
      uncatalogued: true
    })
    publish({ subject: this.#subjectOf(index, part), data, id: sampleId(id), kind: 'event' })
  }

  #subjectOf(index: number, topic: QueuePart): string {
    return eventOf({ site: this.#options.site, csc: QUEUE_STATE_CSC, index, topic })
  }
}
