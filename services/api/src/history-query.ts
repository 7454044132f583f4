import { AppError, type Facts } from '@meridian/errors'
import { type HistoryQueryTexts, MAX_FIELD_BYTES } from '@meridian/protocol/http'
import { badParameter, cameAs, parseWhole } from '@meridian/service'
import { parseSubject, type Subject } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import { instantOf } from './instant.ts'

/** A request for history after parsing. Times are TAI seconds. */
export interface HistoryQuery {
  readonly topic: string
  readonly subject: SampledSubject
  /** The field's name, as the source sends it. */
  readonly name: string
  /** Which element of an array; undefined: the field is a number itself. */
  readonly index: number | undefined
  readonly from: number
  readonly to: number
  readonly points: number
}

/** The parts of a subject whose messages have values: telemetry, events, events of a script. */
export type SampledSubject = Extract<Subject, { class: 'tel' | 'evt' | 'script' }>

const DEFAULT_SECONDS = 600
const POINTS = { least: 1, most: 5_000, usual: 600 }
/** Arrays are no longer than a message. */
const INDICES = { least: 0, most: 1_048_576, usual: 0 }

/** Parses a query for history. Throws API_BAD_TOPIC, API_BAD_RANGE, NET_BAD_REQUEST. */
export function parseHistoryQuery(texts: HistoryQueryTexts, site: string, clock: Clock): HistoryQuery {
  const subject = sampledSubject(texts.topic, site)
  const to = texts.to === undefined ? clock.taiSeconds() : instantOf('to', texts.to)
  const from = texts.from === undefined ? to - DEFAULT_SECONDS : instantOf('from', texts.from)
  if (!(from < to))
    throw new AppError('API_BAD_RANGE', {
      detail: `'from' is ${from}; expected: before 'to', ${to}`,
      from,
      to
    })
  return {
    topic: texts.topic,
    subject,
    name: nameOf(texts.field),
    index: texts.index === undefined ? undefined : parseWhole('index', texts.index, INDICES),
    from,
    to,
    points: parseWhole('points', texts.points, POINTS)
  }
}

function sampledSubject(topic: string, site: string): SampledSubject {
  const subject = parsed(topic)
  if (subject?.class !== 'tel' && subject?.class !== 'evt' && subject?.class !== 'script')
    throw badTopic(topic, `one subject without wildcards, such as tel.${site}.MTMount.0.azimuth`)
  if (subject.site !== site) throw badTopic(topic, `a subject of site '${site}'`, { site })
  return subject
}

const badTopic = (topic: string, expected: string, facts: Facts = {}): AppError =>
  new AppError('API_BAD_TOPIC', { detail: `'topic' ${cameAs(topic)}; expected: ${expected}`, ...facts })

function parsed(topic: string): Subject | undefined {
  try {
    return parseSubject(topic)
  } catch {
    return undefined
  }
}

function nameOf(field: string): string {
  if (Buffer.byteLength(field) <= MAX_FIELD_BYTES) return field
  const came = `has ${Buffer.byteLength(field)} bytes`
  throw badParameter({ name: 'field', came, expected: `at most ${MAX_FIELD_BYTES}` })
}
