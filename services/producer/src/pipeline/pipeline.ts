import type { Publication } from '@meridian/broker'
import { AppError, codes } from '@meridian/errors'
import { encodeSample, sampleId } from '@meridian/sample'
import type { Clock } from '@meridian/time'
import type { SourceMessage } from '../sources/source.ts'
import type { StoredSamples } from '../stored/stored-samples.ts'
import type { Counts } from './counts.ts'
import type { RefusedDataCounts } from './refused-data.ts'
import type { Route, RouteTable } from './routes.ts'

/** Routes, counters and clock of a pipeline, and where its samples go. */
export interface PipelineOptions {
  readonly routes: RouteTable
  readonly counts: Counts
  readonly refused: RefusedDataCounts
  readonly clock: Clock
  /** Stands in for the origin where a component gives none; one number per process. */
  readonly origin: number
  readonly publish: (publication: Publication) => void
  /** Whether the streams have a sample that was said before this process began. */
  readonly isStored: StoredSamples['has']
  /** Told of every message that became a sample, with its stamp in TAI seconds. */
  readonly reduce: (message: SourceMessage, sndStamp: number) => void
}

/** Turns what components said into samples. */
export interface Pipeline {
  /** Takes one message. What becomes no sample is counted, and logged at a limited rate. */
  take(message: SourceMessage): void
}

/** An empty MessagePack map: a heartbeat says nothing but that it is there. */
const NO_FIELDS = Uint8Array.of(0x80)

/** Makes the pipeline of a process: route, stamp, encode, publish; then the reductions. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { routes, counts, clock, publish, isStored, reduce } = options
  const toSample = (route: Route, message: SourceMessage, subject: string): void => {
    const { stamps, topic } = message
    const rcvStamp = clock.taiSeconds()
    const sndStamp = stamps.sndStamp ?? rcvStamp
    const seqNum = stamps.seqNum ?? ++route.ownSeqNum
    const origin = stamps.origin ?? options.origin
    const id = sampleId({ csc: topic.csc, index: topic.index, topic: topic.name, origin, seqNum, sndStamp })
    if (message.mayBeStored === true && isStored({ subject, sndStamp, id })) {
      counts.stored++
      return
    }
    const data = encodeSample({
      sndStamp,
      rcvStamp,
      seqNum,
      origin,
      identity: stamps.identity ?? route.identity,
      revCode: stamps.revCode ?? '',
      fields: fieldBytes(route, message),
      uncatalogued: route.uncatalogued
    })
    publish({ subject, data, id, kind: route.kind })
    counts.samples[route.class]++
    counts.lag(rcvStamp - sndStamp)
    if (stamps.sndStamp !== undefined) route.stamps.take(sndStamp - rcvStamp)
    reduce(message, sndStamp)
  }

  return {
    take(message) {
      const route = routes.of(message.topic)
      const subject = subjectOf(route, message, options)
      if (subject === undefined) return
      if (subject === route.lastSubject || admit(route, subject, options)) toSample(route, message, subject)
    }
  }
}

const fieldBytes = ({ write }: Route, message: SourceMessage): Uint8Array =>
  write === undefined ? NO_FIELDS : (message.encoded?.bytes ?? write(message.fields))

/** The subject of a message; undefined where it has none, which is counted. */
function subjectOf(
  route: Route,
  message: SourceMessage,
  { counts, refused }: PipelineOptions
): string | undefined {
  try {
    return route.subjectOf(message.encoded?.keys ?? message.fields)
  } catch (caught) {
    const { code } = AppError.from(caught)
    if (code !== 'PRD_BAD_KEY') throw caught
    counts.reject(code, { topic: nameOf(route) })
    refused.note({ topic: route.topic, reason: codes[code].message })
    return undefined
  }
}

/** Whether there is room for this name. */
function admit(route: Route, subject: string, { routes, counts }: PipelineOptions): boolean {
  if (route.names.admit(subject)) {
    route.lastSubject = subject
    routes.note(route)
    return true
  }
  counts.reject('PRD_TOO_MANY_NAMES', {})
  return false
}

const nameOf = ({ topic: { csc, index, name } }: Route): string => `${csc}.${index}.${name}`
