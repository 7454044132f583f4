import { type Broker, lastMessage, readStream, type StreamMessage } from '@meridian/broker'
import type { Catalogue, Field } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { utcMsOf } from '@meridian/time'
import { decodeFields, decodeSample, emptyEnvelope, readEnvelope } from '@meridian/wire'
import { type Bucket, type Buckets, createBuckets } from './buckets.ts'
import { createFieldReader } from './field-reader.ts'
import type { HistoryQuery, SampledSubject } from './history-query.ts'

/** What a plot begins with. Times are TAI seconds. */
export interface History {
  readonly topic: string
  readonly field: string
  readonly from: number
  readonly to: number
  readonly buckets: readonly Bucket[]
  /** False: work was cut short, the newest part is missing. */
  readonly complete: boolean
  /** Source time of the oldest value that the stream still holds; null where it holds none. */
  readonly heldFrom: number | null
}

/** How much one history may cost. */
export interface HistoryLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** What reading a history needs. */
export interface HistoryContext {
  readonly broker: Broker
  readonly catalogue: Catalogue
  readonly limits: HistoryLimits
  /** Ends the reading. */
  readonly signal: AbortSignal
  /** Told how many stored messages were read. */
  readonly onRead: (messages: number) => void
}

const STREAMS = { tel: 'TEL', evt: 'EVT' } as const
/** A value may be stored so much later than its stamp: a producer's spool after an outage. Clocks may also run ahead a little. */
const LATE_SECONDS = 120
const AHEAD_SECONDS = 10

/**
 * Reads the history of one number, as far as the stream holds it, into buckets. Throws API_UNKNOWN_FIELD, API_NOT_NUMERIC and the broker's
 * errors; reading that takes too much gives what it has, with `complete: false`.
 */
export async function readHistory(context: HistoryContext, query: HistoryQuery): Promise<History> {
  const { broker, catalogue } = context
  const { topic, subject, field, from, to } = query
  const stream = STREAMS[subject.class]
  const last = await lastMessage(broker, stream, topic)
  assertNumeric(query, catalogueField(catalogue, subject, query.name), last)
  const buckets = createBuckets(from, to, query.points)
  const held = last && (await firstMessage(context, stream, topic))
  const complete = last === undefined || (await fill(context, { query, stream, last, buckets }))
  const heldFrom = held === undefined ? null : readEnvelope(held.data).sndStamp
  return { topic, field, from, to, buckets: buckets.list(), complete, heldFrom }
}

async function firstMessage(
  { broker, limits }: HistoryContext,
  stream: string,
  topic: string
): Promise<StreamMessage | undefined> {
  const { maxBytes, timeoutMs } = limits
  const bounds = { from: { seq: 1 }, maxMessages: 1, maxBytes, timeoutMs }
  for await (const message of readStream(broker, { stream, subjects: [topic], ...bounds })) return message
  return undefined
}

interface Reading {
  readonly query: HistoryQuery
  readonly stream: string
  readonly last: StreamMessage
  readonly buckets: Buckets
}

/** Fills the buckets; true when everything up to the last message, or up to the end of the range, was read. */
async function fill(context: HistoryContext, reading: Reading): Promise<boolean> {
  const { query, last } = reading
  const fromUs = Math.max(0, Math.floor(utcMsOf(query.from - AHEAD_SECONDS) * 1000))
  if (last.timeUs < fromUs) return true
  const progress = { messages: 0 }
  try {
    return await readPart(context, { ...reading, fromUs, progress })
  } catch (err) {
    if (err instanceof AppError && err.code === 'BRK_TIMEOUT' && progress.messages > 0) return false
    throw err
  } finally {
    context.onRead(progress.messages)
  }
}

async function readPart(
  { broker, limits, signal }: HistoryContext,
  part: Reading & { readonly fromUs: number; readonly progress: { messages: number } }
): Promise<boolean> {
  const { query, stream, last, buckets, progress } = part
  const read = createFieldReader(query.name, query.element)
  const envelope = emptyEnvelope()
  const untilUs = utcMsOf(query.to + LATE_SECONDS) * 1000
  const bounds = { from: { timeUs: part.fromUs }, toSeq: last.seq, ...limits }
  for await (const { data, seq, timeUs } of readStream(broker, {
    stream,
    subjects: [query.topic],
    ...bounds
  })) {
    progress.messages++
    if (timeUs > untilUs) return true
    readEnvelope(data, envelope)
    const value = read(data.subarray(envelope.fieldsStart, envelope.fieldsEnd))
    if (value !== undefined) buckets.add(envelope.sndStamp, value)
    if (seq >= last.seq) return true
    if (signal.aborted) return false
  }
  return false
}

function catalogueField(
  catalogue: Catalogue,
  { class: kind, csc, topic }: SampledSubject,
  name: string
): Field | 'unknown' | 'uncatalogued' {
  const component = catalogue.component(csc)
  const topics = kind === 'tel' ? component?.telemetry : component?.events
  const fields = topics?.get(topic)?.fields
  if (fields === undefined) return 'uncatalogued'
  return fields.find(field => field.name === name) ?? 'unknown'
}

/** The catalogue tells what a field is; for what it does not know, the last sample does. */
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
