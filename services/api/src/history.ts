import { type Broker, firstMessage, lastMessage, type StreamMessage } from '@meridian/broker'
import type { Catalogue, Field, Topic } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { decodeFields } from '@meridian/msgpack'
import type { HistoryAnswer } from '@meridian/protocol/http'
import { decodeSample, readEnvelope } from '@meridian/sample'
import { subjectTable } from '@meridian/subjects'
import { utcMsOf } from '@meridian/time'
import { createBuckets } from './buckets.ts'
import type { HistoryQuery, SampledSubject } from './history-query.ts'
import { type HistoryLimits, readNewestFirst, type StoredRange } from './newest-first.ts'
import { createValues, type Values } from './values.ts'

/** Where one history is read and what it may cost. */
export interface HistoryContext {
  readonly broker: Broker
  readonly catalogue: Catalogue
  readonly limits: HistoryLimits
  /** Ends the reading early; what was read until then is answered with `complete: false`. */
  readonly signal: AbortSignal
  /** Called with the number of stored messages that were read. */
  readonly onRead: (messages: number) => void
}

/**
 * Longest time from a value's stamp to its storing (a producer's spool after an outage), and how far a clock
 * may run ahead.
 */
const LATE_SECONDS = 120
const AHEAD_SECONDS = 10

/**
 * Reads the stored history of one number into buckets, newest messages first. A read that reaches a limit
 * answers with what it has and `complete: false`. Throws API_UNKNOWN_FIELD, API_NOT_NUMERIC and the broker's
 * errors.
 */
export async function readHistory(context: HistoryContext, query: HistoryQuery): Promise<HistoryAnswer> {
  const { broker, catalogue } = context
  const { topic, subject, field, element, from, to } = query
  const stream = subjectTable[subject.class].stream
  const [last, held] = await Promise.all([
    lastMessage(broker, stream, topic),
    firstMessage(broker, stream, topic)
  ])
  assertNumeric(query, catalogueField(catalogue, subject, query.name), last)
  const values = createValues(query)
  const complete = last === undefined || (await fill(context, rangeOf(query, stream, last), values))
  const buckets = createBuckets(from, to, query.points)
  values.handOver(buckets.add)
  const heldFrom = held === undefined ? null : readEnvelope(held.data).sndStamp
  return {
    topic,
    field,
    ...(element !== undefined && { index: element }),
    from,
    to,
    buckets: buckets.list(),
    before: { state: 'unknown' },
    clock: { offset: 0, setAside: 0 },
    interval: null,
    complete,
    readFrom: values.readFrom(),
    heldFrom
  }
}

function rangeOf({ topic, from, to }: HistoryQuery, stream: string, last: StreamMessage): StoredRange {
  const fromUs = Math.max(0, Math.floor(utcMsOf(from - AHEAD_SECONDS) * 1000))
  return { stream, topic, last, fromUs, untilUs: Math.ceil(utcMsOf(to + LATE_SECONDS) * 1000) }
}

/** Reads a range; true when all of it was read. */
async function fill(
  { broker, limits, signal, onRead }: HistoryContext,
  range: StoredRange,
  values: Values
): Promise<boolean> {
  if (range.last.timeUs < range.fromUs) return true
  try {
    return await readNewestFirst(
      { broker, limits, signal, onMessage: values.add, onWindow: values.keep },
      range
    )
  } catch (err) {
    if (err instanceof AppError && err.code === 'BRK_TIMEOUT' && values.readFrom() !== null) return false
    throw err
  } finally {
    onRead(values.messages())
  }
}

function catalogueField(
  catalogue: Catalogue,
  subject: SampledSubject,
  name: string
): Field | 'unknown' | 'uncatalogued' {
  const topics = componentsOf(subject).map(csc => topicOf(catalogue, csc, subject))
  const fields = topics.find(topic => topic !== undefined)?.fields
  if (fields === undefined) return 'uncatalogued'
  return fields.find(field => field.name === name) ?? 'unknown'
}

/**
 * Components that may have sent the message: under a script's index stand its own events and its queue's
 * events about it.
 */
const componentsOf = (subject: SampledSubject): readonly string[] =>
  subject.class === 'script' ? ['Script', 'ScriptQueue'] : [subject.csc]

function topicOf(
  catalogue: Catalogue,
  csc: string,
  { class: kind, topic }: SampledSubject
): Topic | undefined {
  const component = catalogue.component(csc)
  return kind === 'tel' ? component?.telemetry.get(topic) : component?.events.get(topic)
}

/** The field's type from the catalogue, or, where the catalogue does not know it, from the last sample. */
function assertNumeric(
  query: HistoryQuery,
  known: Field | 'unknown' | 'uncatalogued',
  last: StreamMessage | undefined
): void {
  if (typeof known === 'object') assertKnownNumeric(known, query.field, query.element)
  else if (last !== undefined) assertSampledNumeric(query, decodeFields(decodeSample(last.data).fields))
  else if (known === 'unknown') throw new AppError('API_UNKNOWN_FIELD', { detail: `'${query.name}'` })
}

function assertSampledNumeric(
  { name, element, field }: HistoryQuery,
  fields: Readonly<Record<string, unknown>>
): void {
  if (!Object.hasOwn(fields, name))
    throw new AppError('API_UNKNOWN_FIELD', {
      detail: `'${name}'`,
      fields: Object.keys(fields).slice(0, 200)
    })
  const given = fields[name]
  const value = element === undefined || !Array.isArray(given) ? given : given[element]
  if (!['number', 'bigint', 'boolean'].includes(typeof value))
    throw notNumeric(field, `it is ${kindOf(value)}`)
}

function assertKnownNumeric({ type, count }: Field, field: string, element: number | undefined): void {
  if (type === 'string') throw notNumeric(field, 'it is text')
  if (count > 1 && element === undefined)
    throw notNumeric(field, `it is an array of ${count}: name one, ${field}[0]`)
  if (element !== undefined && element >= count)
    throw new AppError('API_UNKNOWN_FIELD', {
      detail: `'${field}': ${count > 1 ? `elements are 0 to ${count - 1}` : 'it is no array'}`
    })
}

const notNumeric = (field: string, why: string): AppError =>
  new AppError('API_NOT_NUMERIC', { detail: `'${field}': ${why}`, field })

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of ${value.length}: name one element`
  return value === undefined ? 'beyond the array' : `of kind ${typeof value}`
}
