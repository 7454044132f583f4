import {
  askPatiently,
  type Broker,
  firstMessage,
  lastMessage,
  type Patience,
  type StreamMessage,
  streamState
} from '@meridian/broker'
import type { Catalogue } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { HistoryAnswer, HistoryWaiting } from '@meridian/protocol/http'
import { emptyEnvelope, readEnvelope } from '@meridian/sample'
import { subjectTable } from '@meridian/subjects'
import { type SourceOffset, type SourceStamps, sourceOffsetOf } from '@meridian/time'
import { createBuckets, extremeOf } from './buckets.ts'
import { assertHeld, assertSampled, type HistoryField } from './history-field.ts'
import type { HistoryQuery, SampledSubject } from './history-query.ts'
import {
  patienceOf,
  type ReadEnd,
  type ReadLimits,
  readNewestFirst,
  type StoredRange
} from './newest-first.ts'
import { receivedOf } from './received-of.ts'
import { bySourceClock, type SourceSamples, timeBy, usualIntervalOf } from './source-samples.ts'
import { findStoredRange } from './stored-range.ts'
import { findValueBefore, type ValueBefore } from './value-before.ts'
import {
  createValueReader,
  createValues,
  type StampedValue,
  type ValueReader,
  type Values
} from './values.ts'

/** Where one history is read and what it may cost. */
export interface HistoryContext {
  readonly broker: Broker
  readonly catalogue: Catalogue
  /** What the catalogue says of the field. */
  readonly field: HistoryField
  readonly limits: ReadLimits
  /** Ends the reading early; what was read until then is answered with `complete: false`. */
  readonly signal: AbortSignal
  /** Called with the number of stored messages that were read. */
  readonly onRead: (messages: number) => void
  /** Called when a history lacks its oldest part, or its value before: what was cut, and the error if it was one. */
  readonly onCut: (what: 'values' | 'value before', err?: unknown) => void
}

/** What was read of a history. */
interface Reading {
  readonly end: ReadEnd
  readonly values: Values
  readonly before: ValueBefore
}

/** Where a history is read, and until when a slow broker is waited for. */
interface Patient extends HistoryContext {
  readonly patience: Patience & { readonly signal: AbortSignal }
}

/**
 * Reads the stored history of one number into buckets, newest messages first. A read that reaches a limit
 * answers with what it has and `complete: false`. Throws API_UNKNOWN_TOPIC, API_UNKNOWN_COMPONENT,
 * API_UNKNOWN_FIELD, API_NOT_NUMERIC, and the broker's errors: BRK_TIMEOUT where a broker that is connected
 * does not answer within the time of the request, BRK_UNAVAILABLE at once where it is away.
 */
export async function readHistory(given: HistoryContext, query: HistoryQuery): Promise<HistoryAnswer> {
  const context: Patient = { ...given, patience: patienceOf(given.limits, given.signal) }
  const { broker, catalogue, field, patience } = context
  const { topic, subject } = query
  const stream = subjectTable[subject.class].stream
  const [{ epoch }, last, held] = await askPatiently(
    broker,
    () =>
      Promise.all([
        streamState(broker, stream),
        lastMessage(broker, stream, topic),
        firstMessage(broker, stream, topic)
      ]),
    patience
  )
  assertHeld(catalogue, query, { field, last })
  const reading = last === undefined ? NOTHING : await readValues(context, query, { stream, epoch, last })
  if (last !== undefined && isEmpty(reading)) assertSampled(query, last)
  return answerOf(query, { reading, field, held, catalogue })
}

const NOTHING: Reading = {
  end: 'all',
  values: createValues(() => undefined),
  before: { state: 'none' }
}

const isEmpty = ({ values, before }: Reading): boolean => values.kept() === 0 && before.state !== 'value'

async function readValues(
  context: Patient,
  query: HistoryQuery,
  place: { readonly stream: string; readonly epoch: string; readonly last: StreamMessage }
): Promise<Reading> {
  const { broker, patience } = context
  const range = await askPatiently(broker, () => findStoredRange(broker, query, place), patience)
  const values = createValues(createValueReader(query))
  const [end, before] = await Promise.all([
    place.last.timeUs < range.fromUs ? ('all' as const) : fill(context, range, values),
    findBefore(context, range, createValueReader(query))
  ])
  return { end, values, before: end === 'cut' ? { state: 'unknown' } : before }
}

/** Reads a range as far as the limits allow. */
async function fill(
  { broker, limits, patience, signal, onRead, onCut }: Patient,
  range: StoredRange,
  values: Values
): Promise<ReadEnd> {
  try {
    const reading = { broker, limits, patience, onMessage: values.add, onWindow: values.keep }
    const end = await readNewestFirst(reading, range)
    // A client that has gone reads no answer: that its history ended early is no news.
    if (end === 'cut' && !signal.aborted) onCut('values')
    return end
  } finally {
    onRead(values.messages())
  }
}

/** A plot without its value before is better than none. */
async function findBefore(
  { broker, patience, signal, onCut }: Patient,
  { stream, subjects, fromUs }: StoredRange,
  read: ValueReader
): Promise<ValueBefore> {
  const [topic = ''] = subjects
  try {
    const options = { broker, stream, topic, untilUs: fromUs, read }
    return await askPatiently(broker, () => findValueBefore(options), patience)
  } catch (err) {
    if (!signal.aborted) onCut('value before', err)
    return { state: 'unknown' }
  }
}

interface Found {
  readonly reading: Reading
  readonly field: HistoryField
  readonly held: StreamMessage | undefined
  readonly catalogue: Catalogue
}

function answerOf(query: HistoryQuery, { reading, field, held, catalogue }: Found): HistoryAnswer {
  const { topic, name, index, from, to, points } = query
  const { end, values, before } = reading
  const samples = bySourceClock(values, query)
  const clock = values.kept() === 0 ? clockOf(before) : samples.clock
  const buckets = createBuckets(from, to, points)
  let readFrom: number | null = null
  for (const { time, value } of samples.values) {
    buckets.add(time, value)
    if (readFrom === null || time < readFrom) readFrom = time
  }
  return {
    topic,
    field: name,
    ...(index !== undefined && { index }),
    from,
    to,
    buckets: buckets.list(),
    before: beforeOf(before, samples, { from, clock }),
    clock: { offset: clock.offset, setAside: samples.setAside, judge: judgeOf(samples) },
    interval: intervalOf(query.subject, { samples, field, catalogue }),
    complete: end === 'all',
    readFrom,
    heldFrom: held === undefined ? null : timeBy(clock, stampsOf(held))
  }
}

const judgeOf = ({ state: { waiting, ...state } }: SourceSamples): HistoryAnswer['clock']['judge'] => ({
  ...state,
  waiting: waiting.map(
    ({ sample: { source, received, value }, age }): HistoryWaiting => [
      source,
      received,
      Number.isNaN(value) ? null : extremeOf(value),
      age
    ]
  )
})

const clockOf = (before: ValueBefore): SourceOffset =>
  sourceOffsetOf(before.state === 'value' ? [before.value.source - before.value.received] : [])

/** The last value before the window: of those that were read around its start, or the one stored before them. */
function beforeOf(
  before: ValueBefore,
  { values }: SourceSamples,
  { from, clock }: { readonly from: number; readonly clock: SourceOffset }
): HistoryAnswer['before'] {
  let nearest = before.state === 'value' ? timed(clock, before.value) : undefined
  for (const one of values)
    if (one.time < from && (nearest === undefined || one.time >= nearest.time)) nearest = one
  if (nearest === undefined) return before as { readonly state: 'none' | 'unknown' }
  const { time, value } = nearest
  return { state: 'value', time, value: Number.isNaN(value) ? 'NaN' : extremeOf(value) }
}

const timed = (clock: SourceOffset, stamped: StampedValue): { time: number; value: number } => ({
  time: timeBy(clock, stamped),
  value: stamped.value
})

function stampsOf(message: StreamMessage): SourceStamps {
  const envelope = emptyEnvelope()
  try {
    readEnvelope(message.data, envelope)
  } catch (caught) {
    if (!(caught instanceof AppError)) throw caught
  }
  const received = receivedOf(message, envelope.rcvStamp)
  return { source: envelope.sndStamp || received, received }
}

/** Telemetry comes at a rate; events come when something changes. */
function intervalOf(
  subject: SampledSubject,
  { samples, field, catalogue }: { samples: SourceSamples; field: HistoryField; catalogue: Catalogue }
): number | null {
  if (subject.class !== 'tel') return null
  const usual = usualIntervalOf(samples.values)
  if (usual !== undefined) return usual
  const { topic } = field
  const rateHz = topic === undefined ? 0 : catalogue.component(topic.csc)?.rateOf(topic, subject.index)
  return rateHz === undefined || rateHz === 0 ? null : 1 / rateHz
}
