import { AppError } from '@meridian/errors'
import type { HistoryQueryTexts } from '@meridian/protocol/http'
import { parseSubject, type Subject } from '@meridian/subjects'
import { type Clock, taiSecondsOf } from '@meridian/time'

/** A request for history after parsing. Times are TAI seconds. */
export interface HistoryQuery {
  readonly topic: string
  readonly subject: SampledSubject
  /** The field as the client wrote it: `force[3]`. */
  readonly field: string
  readonly name: string
  readonly element: number | undefined
  readonly from: number
  readonly to: number
  readonly points: number
}

/** The parts of a subject whose messages have values: telemetry, events, events of a script. */
export type SampledSubject = Extract<Subject, { class: 'tel' | 'evt' | 'script' }>

const DEFAULT_SECONDS = 600
const DEFAULT_POINTS = 600
const MAX_POINTS = 5_000
const NUMBER = /^\d{1,12}(\.\d{1,9})?$/
const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/

/** Parses a query for history. Throws API_BAD_TOPIC, API_BAD_RANGE, NET_BAD_REQUEST. */
export function parseHistoryQuery(texts: HistoryQueryTexts, site: string, clock: Clock): HistoryQuery {
  const subject = sampledSubject(texts.topic, site)
  const { name, element } = fieldOf(texts.field)
  const to = texts.to === undefined ? clock.taiSeconds() : instantOf('to', texts.to)
  const from = texts.from === undefined ? to - DEFAULT_SECONDS : instantOf('from', texts.from)
  if (!(from < to)) throw new AppError('API_BAD_RANGE', { detail: "'from' is not before 'to'", from, to })
  return {
    topic: texts.topic,
    subject,
    field: texts.field,
    name,
    element,
    from,
    to,
    points: pointsOf(texts.points)
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

function fieldOf(field: string): { name: string; element: number | undefined } {
  const [, name = field, element] = /^(\w+)\[(\d+)\]$/.exec(field) ?? []
  return { name, element: element === undefined ? undefined : Number(element) }
}

function instantOf(what: string, text: string): number {
  if (NUMBER.test(text)) return Number(text)
  const utcMs = Date.parse(HAS_ZONE.test(text) ? text : `${text}Z`)
  if (!/^\d{4}-/.test(text) || Number.isNaN(utcMs))
    throw new AppError('API_BAD_RANGE', { detail: `'${what}' is neither TAI seconds nor an ISO time` })
  return taiSecondsOf(utcMs)
}

function pointsOf(text: string | undefined): number {
  const points = text === undefined ? DEFAULT_POINTS : Number(text)
  if (points >= 1 && points <= MAX_POINTS) return points
  throw new AppError('NET_BAD_REQUEST', {
    detail: `'points' is 1 to ${MAX_POINTS}`,
    where: 'querystring/points'
  })
}
