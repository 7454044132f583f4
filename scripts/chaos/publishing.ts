import { setTimeout as sleep } from 'node:timers/promises'
import { append, type Broker } from '@meridian/broker'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { eventOf, telemetryOf } from '@meridian/subjects'
import { createPublicationLog, type PublicationLog } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'

/** What is published on one stream, and what the stream took of it. */
export interface Publishing {
  readonly log: PublicationLog
  /** The subject whose values mark moments: see `mark`. */
  readonly markSubject: string
  /** Stores one value of the marking subject; gives its id. */
  mark(): Promise<string>
  /** How many messages the stream has acknowledged. */
  count(): number
  /** Publishes as fast as the stream takes it, or at the usual pace. */
  hurry(isFast: boolean): void
  /** Publishes no more; resolves when everything sent is acknowledged. */
  pause(): Promise<void>
  resume(): void
  /** Publishes no more, whatever becomes of what was sent. */
  halt(): void
}

/** Each subject gets a value so often, ms, and has one unacknowledged message at most. */
const EVERY_MS = 40
const SUBJECTS = 8
/** A cluster that is down comes back; only a failure takes as long. */
const APPEND_MS = 120_000
const CSC = 'Chaos'
const MARK_INDEX = 99

const write = createFieldsWriter([])

/**
 * Publishes on eight subjects of EVT or TEL until it is paused. Each message is stored again under the same
 * id until the stream has acknowledged it, so the log is what the stream took.
 */
export function startPublishing(broker: Broker, site: string, stream: 'EVT' | 'TEL'): Publishing {
  const log = createPublicationLog()
  const subjectOf = stream === 'EVT' ? eventOf : telemetryOf
  const markSubject = subjectOf({ site, csc: CSC, index: MARK_INDEX, topic: 'mark' })
  let isPaused = true
  let isFast = false
  let numbers = 0
  let count = 0
  let loops: Promise<unknown> = Promise.resolve()

  const store = async (subject: string): Promise<string> => {
    const n = numbers++
    const { seq } = await append(broker, {
      ...{ subject, data: sampleOf(n), id: `${subject}:${n}` },
      timeoutMs: APPEND_MS
    })
    log.published(subject, String(n), seq)
    count++
    return String(n)
  }
  const loop = async (index: number): Promise<void> => {
    const subject = subjectOf({ site, csc: CSC, index, topic: 'step' })
    while (!isPaused) {
      await store(subject)
      if (!isFast) await sleep(EVERY_MS)
    }
  }
  return {
    ...{ log, markSubject, count: () => count },
    mark: () => store(markSubject),
    hurry(wanted) {
      isFast = wanted
    },
    async pause() {
      isPaused = true
      await loops
    },
    halt() {
      isPaused = true
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      loops = Promise.all(Array.from({ length: SUBJECTS }, (_, index) => loop(index)))
      // What fails is told by `pause`.
      loops.catch(() => {})
    }
  }
}

/** Pattern of everything that is published on a stream. */
export const publishedPattern = (site: string, stream: 'EVT' | 'TEL'): string =>
  `${(stream === 'EVT' ? eventOf : telemetryOf)({ site, csc: CSC, index: 0, topic: 'step' }).replace('.0.step', '')}.>`

function sampleOf(n: number): Uint8Array {
  const now = taiSecondsOf(Date.now())
  const stamps = { sndStamp: now, rcvStamp: now, seqNum: n, origin: 1 }
  return encodeSample({
    ...{ ...stamps, identity: CSC, revCode: '', uncatalogued: true },
    fields: write({ n })
  })
}
