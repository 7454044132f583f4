import type { Publication } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import { encodeSample, sampleId } from '@meridian/sample'
import { keyToken } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import type { Counts } from './counts.ts'
import { parseRaw, stampsOf } from './raw-payload.ts'
import type { Route, RouteTable } from './routes.ts'

/** A sample that concerns a script queue, for the reduction of its state. */
export interface QueueEvent {
  readonly queue: number
  /** Topic of ScriptQueue, or of the Script named. */
  readonly topic: string
  readonly scriptIndex: number | undefined
  readonly fields: Readonly<Fields>
  readonly sndStamp: number
}

/** What a sampler works with. */
export interface SamplerDeps {
  readonly routes: RouteTable
  readonly counts: Counts
  readonly clock: Clock
  /** Stands in for `private_origin` where a component gives none; one number per process. */
  readonly origin: number
  readonly publish: (publication: Publication) => void
  readonly onQueueEvent: (event: QueueEvent) => void
}

/** Turns raw messages into samples. */
export interface Sampler {
  /** Takes one raw message. Never throws: what is no sample is counted and logged at a limited rate. */
  take(subject: string, data: Uint8Array): void
}

/** An empty MessagePack map: a heartbeat says nothing but that it is there. */
const NO_FIELDS = Uint8Array.of(0x80)

/** Makes the sampler of a process. */
export function createSampler({
  routes,
  counts,
  clock,
  origin,
  publish,
  onQueueEvent
}: SamplerDeps): Sampler {
  const sample = (route: Route, data: Uint8Array): void => {
    const values = parseRaw(data)
    if (!route.isAdmitted) routes.admit(route)
    const stamps = stampsOf(values)
    const rcvStamp = clock.taiSeconds()
    const sndStamp = stamps.sndStamp ?? rcvStamp
    const identity = {
      csc: route.csc,
      index: route.index,
      topic: route.topic,
      origin: stamps.origin ?? origin,
      seqNum: stamps.seqNum ?? ++route.ownSeqNum,
      sndStamp
    }
    const bytes = encodeSample({
      sndStamp,
      rcvStamp,
      seqNum: identity.seqNum,
      origin: identity.origin,
      identity: stamps.identity ?? route.identity,
      revCode: stamps.revCode ?? '',
      fields: route.write?.(values) ?? NO_FIELDS,
      uncatalogued: route.uncatalogued
    })
    publish({ subject: subjectOf(route, values), data: bytes, id: sampleId(identity), kind: route.kind })
    counts.samples[route.class]++
    counts.lag(rcvStamp - sndStamp)
    if (route.queue !== undefined)
      onQueueEvent({
        queue: route.queue,
        topic: route.topic,
        scriptIndex: route.scriptIndex,
        fields: values,
        sndStamp
      })
  }

  return {
    take(subject, data) {
      try {
        const route = routes.of(subject)
        if (route !== undefined) sample(route, data)
      } catch (caught) {
        const error = AppError.from(caught)
        if (
          error.code !== 'PRD_BAD_PAYLOAD' &&
          error.code !== 'PRD_BAD_SUBJECT' &&
          error.code !== 'PRD_TOO_MANY_TOPICS'
        )
          throw error
        counts.reject(error.code, { subject: subject.slice(0, 120), err: error.message.slice(0, 300) })
      }
    }
  }
}

function subjectOf(route: Route, values: Readonly<Fields>): string {
  if (route.keyFields.length === 0) return route.subject
  return `${route.subject}.${keyToken(route.keyFields.map(name => values[name]))}`
}
