import { type Broker, lastMessage, type Publication } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import { createFieldsWriter, decodeSample, encodeSample, eventOf, sampleId } from '@meridian/wire'
import type { Logger } from 'pino'
import { restoreQueue } from './restore-queue.ts'
import type { QueueEvent } from './sampler.ts'
import {
  createScriptQueue,
  QUEUE_PARTS,
  type QueueDocument,
  type QueuePart,
  type ScriptQueue
} from './script-queue.ts'

// The life of a queue here: unknown -> restoring (its first event, or the start) -> following. While it is restoring, events are reduced but
// nothing is published, because the documents would lack what is not read yet; a broker that does not answer is asked again. While it
// follows, changes are published together, at most five times a second.

/** What the publishing of queue states works with. */
export interface QueueStatesOptions {
  readonly broker: Broker
  readonly site: string
  readonly clock: Clock
  readonly log: Logger
  readonly origin: number
  readonly publish: (publication: Publication) => void
}

/** Publishes `evt.<site>.ScriptQueueState.<queue>.{state,scripts,available}`. */
export interface QueueStates {
  /** Restores a queue from the streams, so that what happened before this process shows. */
  open(index: number): void
  take(event: QueueEvent): void
  /** Publishes what is due, then ends. */
  stop(): void
}

/** The component that the reduced state is published for. */
export const QUEUE_STATE_CSC = 'ScriptQueueState'

const PUBLISH_EVERY_MS = 200
const RETRY_MS = 1_000

interface Followed {
  readonly index: number
  readonly queue: ScriptQueue
  kind: 'restoring' | 'following'
  timer: NodeJS.Timeout | undefined
  publishedMs: number
  /** Fields of the last document of each part, to say nothing twice. */
  readonly last: Map<QueuePart, Uint8Array>
}

/** Makes the publishing of queue states; opens nothing. */
export function createQueueStates(options: QueueStatesOptions): QueueStates {
  const { broker, site, clock, log, publish } = options
  const queues = new Map<number, Followed>()
  const write = createFieldsWriter([])
  let seqNum = 0
  let stopped = false

  const subjectOf = (index: number, topic: QueuePart): string =>
    eventOf({ site, csc: QUEUE_STATE_CSC, index, topic })

  const publishPart = (followed: Followed, part: QueuePart, document: QueueDocument): void => {
    const fields = write(document.fields)
    if (Buffer.compare(fields, followed.last.get(part) ?? NONE) === 0) return
    followed.last.set(part, fields)
    const identity = {
      csc: QUEUE_STATE_CSC,
      index: followed.index,
      topic: part,
      // Not the source's: two producers that overlap may reduce at different moments, and the later document must win.
      origin: options.origin,
      seqNum: ++seqNum,
      sndStamp: document.sndStamp
    }
    const data = encodeSample({
      ...identity,
      rcvStamp: clock.taiSeconds(),
      identity: `${QUEUE_STATE_CSC}:${followed.index}`,
      revCode: '',
      fields,
      uncatalogued: true
    })
    publish({ subject: subjectOf(followed.index, part), data, id: sampleId(identity), kind: 'event' })
  }

  const publishNow = (followed: Followed): void => {
    clearTimeout(followed.timer)
    followed.timer = undefined
    followed.publishedMs = clock.nowMs()
    for (const [part, document] of followed.queue.takeChanges()) publishPart(followed, part, document)
  }

  const schedule = (followed: Followed): void => {
    if (followed.kind === 'restoring' || followed.timer !== undefined || stopped) return
    const waitMs = Math.max(0, followed.publishedMs + PUBLISH_EVERY_MS - clock.nowMs())
    followed.timer = setTimeout(() => publishNow(followed), waitMs)
  }

  const restore = async (followed: Followed): Promise<void> => {
    try {
      for (const part of QUEUE_PARTS) {
        const message = await lastMessage(broker, 'EVT', subjectOf(followed.index, part))
        if (message !== undefined) followed.last.set(part, decodeSample(message.data).fields)
      }
      await restoreQueue({ broker, site, index: followed.index, queue: followed.queue })
      followed.kind = 'following'
      schedule(followed)
    } catch (caught) {
      if (stopped) return
      log.warn({ err: AppError.from(caught), queue: followed.index }, 'script queue not restored yet')
      followed.timer = setTimeout(() => {
        followed.timer = undefined
        void restore(followed)
      }, RETRY_MS)
    }
  }

  const open = (index: number): Followed => {
    const known = queues.get(index)
    if (known !== undefined) return known
    const followed: Followed = {
      index,
      queue: createScriptQueue(),
      kind: 'restoring',
      timer: undefined,
      publishedMs: 0,
      last: new Map()
    }
    queues.set(index, followed)
    void restore(followed)
    return followed
  }

  return {
    open: index => void open(index),
    take(event) {
      const followed = open(event.queue)
      followed.queue.apply(event)
      schedule(followed)
    },
    stop() {
      stopped = true
      for (const followed of queues.values()) {
        clearTimeout(followed.timer)
        if (followed.kind === 'following') publishNow(followed)
      }
    }
  }
}

const NONE = new Uint8Array(0)
