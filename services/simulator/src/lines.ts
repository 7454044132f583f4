import type { Component as Definition, Topic } from '@meridian/catalogue'
import { rawEventOf, rawHeartbeatOf, rawTelemetryOf } from '@meridian/subjects'
import { createEventLine, createLine, type EventLine, type Line, type Publish, type Voice } from './line.ts'

/** Where one instance speaks. */
export interface Place {
  readonly site: string
  readonly csc: string
  readonly index: number
}

/** All lines of one instance, made when first asked for. */
export interface Lines {
  event(topic: string): EventLine
  telemetry(topic: string): Line
  heartbeat(): Line
}

/** What the lines of an instance are made from. */
export interface LinesOptions {
  readonly place: Place
  readonly definition: Definition | undefined
  readonly publish: Publish
  readonly origin: number
}

/** Makes the lines of an instance. */
export function createLines({ place, definition, publish, origin }: LinesOptions): Lines {
  const voice: Voice = { publish, origin, identity: identityOf(place) }
  const events = new Map<string, EventLine>()
  let heartbeat: Line | undefined
  const shape = (topic: Topic | undefined): { revCode: string; fields: Topic['fields'] } => ({
    revCode: topic?.revCode ?? '',
    fields: topic?.fields ?? []
  })
  return {
    event(topic) {
      const known = events.get(topic)
      if (known !== undefined) return known
      const subject = rawEventOf({ ...place, topic })
      const line = createEventLine({ subject, ...shape(definition?.events.get(topic)) }, voice)
      events.set(topic, line)
      return line
    },
    telemetry: topic =>
      createLine(
        { subject: rawTelemetryOf({ ...place, topic }), ...shape(definition?.telemetry.get(topic)) },
        voice
      ),
    heartbeat() {
      // SAL's one field of it has no meaning and is left out.
      const revCode = definition?.events.get('heartbeat')?.revCode ?? ''
      heartbeat ??= createLine({ subject: rawHeartbeatOf(place), revCode: '', fields: [] }, voice)
      heartbeat.values['private_revCode'] = revCode
      return heartbeat
    }
  }
}

/** `MTMount`, or `ESS:301` where indexed. */
export const identityOf = ({ csc, index }: Pick<Place, 'csc' | 'index'>): string =>
  index === 0 ? csc : `${csc}:${index}`
