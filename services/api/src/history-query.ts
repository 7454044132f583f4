import { AppError } from '@meridian/errors'
import { type HistoryQueryTexts, MAX_FIELD_BYTES } from '@meridian/protocol/http'
import { parseSubject, type Subject } from '@meridian/subjects'
import { type Clock, parseIsoTime, taiSecondsOf } from '@meridian/time'
import { parseWhole } from './query-numbers.ts'

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
  if (!(from < to)) throw new AppError('API_BAD_RANGE', { detail: "'from' is not before 'to'", from, to })
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
    throw new AppError('API_BAD_TOPIC', { detail: `'${topic.slice(0, 80)}'` })
  if (subject.site !== site) throw new AppError('API_BAD_TOPIC', { detail: `this is site '${site}'`, site })
  return subject
}

function parsed(topic: string): Subject | undefined {
  try {
    return parseSubject(topic)
  } catch {
    return undefined
  }
}

function nameOf(field: string): string {
  if (Buffer.byteLength(field) <= MAX_FIELD_BYTES) return field
  const detail = `'field' is a name of at most ${MAX_FIELD_BYTES} bytes`
  throw new AppError('NET_BAD_REQUEST', { detail, where: 'querystring/field' })
}

function instantOf(what: string, text: string): number {
  const seconds = NUMBER.test(text) ? Number(text) : secondsOfIso(text)
  if (seconds !== undefined && seconds >= 0 && seconds < MOST_SECONDS) return seconds
  throw new AppError('API_BAD_RANGE', {
    detail: `'${what}' is neither TAI seconds nor an ISO time of a day that exists, 1970 to 9999`
  })
}

function secondsOfIso(text: string): number | undefined {
  const utcMs = parseIsoTime(text)
  return utcMs === undefined ? undefined : taiSecondsOf(utcMs)
}
