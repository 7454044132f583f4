import { AppError, type Facts } from '@meridian/errors'
import { type HistoryQueryTexts, MAX_FIELD_BYTES } from '@meridian/protocol/http'
import { badParameter, cameAs, parseWhole } from '@meridian/service'
import { parseSubject, type Subject } from '@meridian/subjects'
import { type Clock, parseIsoTime, taiSecondsOf } from '@meridian/time'

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
const NUMBER = /^\d{1,12}(\.\d{1,9})?$/
/** The year 10000: later dates have no ISO form that a server reads. */
const MOST_SECONDS = 253_402_300_800

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

function instantOf(what: string, text: string): number {
  const seconds = NUMBER.test(text) ? Number(text) : secondsOfIso(text)
  if (seconds !== undefined && seconds >= 0 && seconds < MOST_SECONDS) return seconds
  throw new AppError('API_BAD_RANGE', {
    detail: `'${what}' ${cameAs(text)}; expected: TAI seconds or an ISO time of a day that exists, 1970 to 9999`
  })
}

function secondsOfIso(text: string): number | undefined {
  const utcMs = parseIsoTime(text)
  return utcMs === undefined ? undefined : taiSecondsOf(utcMs)
}
