import type { Subscription, Update } from '@meridian/client'
import type { HistoryAnswer, HistoryBucket } from '@meridian/protocol/http'
import { classOf } from '@meridian/subjects'
import { correctedTimeOf, createSourceClock, type SourceClock } from '@meridian/time'
import { type ReadonlySignal, signal } from '@preact/signals'
import { mayBeReadAgain, readHistory } from '../api.ts'
import { createNumberFormat, type NumberFormat } from '../format/number-format.ts'
import { type FieldRef, fieldValueOf } from './field-ref.ts'
import {
  type Bucket,
  createSeriesBuffer,
  dropBefore,
  insertSample,
  mergeHistory,
  type SeriesBuffer
} from './series-buffer.ts'

/** Where the last question for history stands. */
export type HistoryState =
  | { readonly kind: 'loading' | 'loaded' }
  | { readonly kind: 'failed'; readonly message: string }

/** What an answer tells beside the values; times in TAI seconds. */
export interface HistoryRecord {
  readonly from: number
  readonly to: number
  readonly before: HistoryAnswer['before']
  /** Seconds by which the source's clock is ahead, which all times were corrected by. */
  readonly offset: number
  readonly setAside: number
  readonly interval: number | undefined
  readonly isComplete: boolean
  readonly readFrom: number | undefined
  /** Where the record begins; undefined where nothing is held. */
  readonly heldFrom: number | undefined
}

/** A live sample that was set aside, because its stamp is far off the clock of its source. */
export interface Outlier {
  /** TAI seconds. */
  readonly received: number
  /** By how much the stamp is ahead. */
  readonly seconds: number
}

/** One line of the plot: its values, live and from the history held. */
export interface PlotSeries extends FieldRef {
  /** The reference alone, to be remembered. */
  readonly ref: FieldRef
  /** True for what is sent on change alone, and true until it is sent again. */
  readonly isHeld: boolean
  /** Number of its colour and dash. */
  readonly colour: number
  readonly buffer: SeriesBuffer
  readonly format: NumberFormat
  /** The newest value as it was sent. */
  readonly latest: ReadonlySignal<unknown>
  readonly history: ReadonlySignal<HistoryState>
  readonly record: ReadonlySignal<HistoryRecord | undefined>
  readonly outliers: ReadonlySignal<readonly Outlier[]>
  /** Seconds by which the source's clock is ahead and live times are corrected. */
  clockOffset(): number
  take(update: Pick<Update, 'time' | 'received' | 'fields'>): void
  /** Fetches what is still held between two instants (TAI seconds); asks until it is answered. */
  fill(span: { readonly from: number; readonly to: number }): Promise<void>
  follow(subscription: Subscription): void
  close(): void
}

/** Buckets asked for: about one per pixel of a wide plot. */
const POINTS = 1200
/** Outliers remembered; more of them say nothing new. */
const KEPT_OUTLIERS = 1000
/** As many as come while an answer is on its way, and more. */
const KEPT_RECENT = 500
/** Samples of the record that the clock of a source is learnt from, which looks back on 64. */
const LEARNT = 60
/** Pause before a question that failed is asked again, ms. */
const RETRY_MS = 3000
/** A part that was not read is asked for so often again, each time after twice the pause. */
const MORE_OFTEN = 4

/** A sample as it came; TAI seconds. */
interface LiveSample {
  readonly time: number
  readonly received: number
  readonly value: number
}

/** Lets a clock that has seen a sample or two know what the record tells of its source. */
function learnClock(clock: SourceClock, { buckets, clock: { offset } }: HistoryAnswer): void {
  let samples = 0
  for (const bucket of buckets) samples += bucket[3]
  for (let i = 0; i < Math.min(samples, LEARNT); i++) clock.take(offset, 0)
}

/** A value as a number to draw; undefined where it is none. */
export function drawable(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}

/** A bucket to draw: of an infinity on one side the other side is left, of none at all nothing. */
export function bucketOf([tai, min, max, count]: HistoryBucket): Bucket {
  const [low, high] = [min, max].map(edge => (typeof edge === 'number' ? edge : Number.NaN))
  return [
    tai,
    Number.isNaN(low) ? (high as number) : (low as number),
    Number.isNaN(high) ? (low as number) : (high as number),
    count
  ]
}

/** Begins what is sent on change alone with the value before the span, where there was one. */
function beginHeld(buffer: SeriesBuffer, before: HistoryAnswer['before'], from: number): void {
  // Between what was loaded for other windows and this one there may be changes that nobody asked for.
  dropBefore(buffer, from)
  if (before.state === 'value') insertSample(buffer, before.time, Number(before.value))
}

const recordOf = (answer: HistoryAnswer): HistoryRecord => ({
  from: answer.from,
  to: answer.to,
  before: answer.before,
  offset: answer.clock.offset,
  setAside: answer.clock.setAside,
  interval: answer.interval ?? undefined,
  isComplete: answer.complete,
  readFrom: answer.readFrom ?? undefined,
  heldFrom: answer.heldFrom ?? undefined
})

/** Live values: put into the buffer by their source's clock, as far as that can be believed. */
function createLiveValues(ref: FieldRef, buffer: SeriesBuffer) {
  const clock = createSourceClock()
  const latest = signal<unknown>(undefined)
  const outliers = signal<readonly Outlier[]>([])
  let latestAt = Number.NEGATIVE_INFINITY
  /** What came since history was asked for, and the one before: the answer may not have it yet. */
  let recent: LiveSample[] = []

  function setAside({ time, received }: Pick<LiveSample, 'time' | 'received'>): void {
    const seconds = time - received
    outliers.value = [...outliers.peek().slice(-KEPT_OUTLIERS), { received, seconds }]
  }

  function insert(at: number, sample: LiveSample): void {
    latestAt = Math.max(latestAt, at)
    insertSample(buffer, at, sample.value)
    recent.push(sample)
    if (recent.length > KEPT_RECENT) recent.shift()
  }

  /** True where there is more to draw. */
  function take({ time, received, fields }: Pick<Update, 'time' | 'received' | 'fields'>): boolean {
    const raw = fieldValueOf(fields, ref)
    const value = drawable(raw)
    if (value === undefined) return false
    const at = clock.take(time, received)
    // A late one is put in its place, and is not the newest.
    if (at === undefined || at >= latestAt) latest.value = raw
    if (at === undefined) setAside({ time, received })
    else insert(at, { time, received, value })
    return at !== undefined
  }

  /** Puts back what the answer has replaced; the clock of the source may be known better than it was. */
  function takeAgain(until: number): void {
    const known = clock.current()
    recent = recent.filter(sample => {
      const at = correctedTimeOf(sample.time, sample.received, known)
      if (at === undefined) setAside(sample)
      else if (at < until) insertSample(buffer, at, sample.value)
      return at !== undefined
    })
  }

  function forget(): void {
    recent = recent.slice(-1)
  }

  return { clock, latest, outliers, take, takeAgain, forget }
}

/** A span of time, TAI seconds. */
type AskedSpan = Parameters<PlotSeries['fill']>[0]

/** What a question for history tells. */
interface HistoryQuestionParts {
  /** Called before each question. */
  onAsk(): void
  onAnswer(answer: HistoryAnswer, span: AskedSpan): void
  /** Called when an answer has been taken. */
  changed(): void
}

/** What asks for the history of a field until it is answered; a newer question makes an older one void. */
function createHistoryQuestion(ref: FieldRef, { onAsk, onAnswer, changed }: HistoryQuestionParts) {
  const state = signal<HistoryState>({ kind: 'loading' })
  const abort = new AbortController()
  let retry: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let unread = 0

  function read(span: AskedSpan): Promise<HistoryAnswer> {
    const { subject: topic, field, index } = ref
    return readHistory({ topic, field, index, ...span, points: POINTS }, abort.signal)
  }

  function take(answer: HistoryAnswer, span: AskedSpan): void {
    onAnswer(answer, span)
    state.value = { kind: 'loaded' }
    changed()
    if (answer.complete || unread === MORE_OFTEN) return
    retry = setTimeout(() => void ask(span), RETRY_MS * 2 ** unread++)
  }

  function failed(caught: unknown, span: AskedSpan): void {
    state.value = { kind: 'failed', message: String(caught) }
    if (mayBeReadAgain(caught)) retry = setTimeout(() => void ask(span), RETRY_MS)
  }

  async function ask(span: AskedSpan): Promise<void> {
    clearTimeout(retry)
    const number = ++asked
    state.value = { kind: 'loading' }
    onAsk()
    try {
      const answer = await read(span)
      if (number === asked) take(answer, span)
    } catch (caught) {
      if (!abort.signal.aborted && number === asked) failed(caught, span)
    }
  }

  function close(): void {
    clearTimeout(retry)
    abort.abort()
  }

  function fill(span: AskedSpan): Promise<void> {
    unread = 0
    return ask(span)
  }

  return { state, fill, close }
}

/** Creates a series without data. `changed` is called whenever there is more to draw. */
export function createPlotSeries(
  ref: FieldRef,
  { colour, changed }: { readonly colour: number; readonly changed: () => void }
): PlotSeries {
  const isHeld = classOf(ref.subject) !== 'tel'
  const buffer = createSeriesBuffer()
  const live = createLiveValues(ref, buffer)
  const record = signal<HistoryRecord | undefined>(undefined)
  const history = createHistoryQuestion(ref, { onAsk: live.forget, onAnswer: takeAnswer, changed })
  let subscription: Subscription | undefined

  function takeAnswer(answer: HistoryAnswer, span: AskedSpan): void {
    mergeHistory(buffer, answer.buckets.map(bucketOf), { from: span.from, until: span.to })
    if (isHeld) beginHeld(buffer, answer.before, span.from)
    if (record.peek() === undefined) learnClock(live.clock, answer)
    live.takeAgain(span.to)
    record.value = recordOf(answer)
  }

  return {
    ...ref,
    ref,
    isHeld,
    colour,
    buffer,
    format: createNumberFormat({ type: '', units: ref.units }),
    latest: live.latest,
    history: history.state,
    record,
    outliers: live.outliers,
    clockOffset: () => live.clock.current().offset,
    take(update) {
      if (live.take(update)) changed()
    },
    fill: history.fill,
    follow(next) {
      subscription = next
    },
    close() {
      history.close()
      subscription?.close()
    }
  }
}
