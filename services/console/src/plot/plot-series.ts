import type { Subscription, Update } from '@meridian/client'
import type { HistoryAnswer, HistoryBucket } from '@meridian/protocol/http'
import { classOf } from '@meridian/subjects'
import { type ReadonlySignal, signal } from '@preact/signals'
import { mayBeReadAgain, readHistory, wireErrorOf } from '../api.ts'
import { createNumberFormat, type NumberFormat } from '../format/number-format.ts'
import type { FieldRef } from './field-ref.ts'
import { createLiveValues, type Outlier } from './live-values.ts'
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

/** A span of time that history is asked for, and when it is asked, TAI seconds. */
export interface AskedSpan {
  readonly from: number
  readonly to: number
  readonly nowTai: number
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
  /** Fetches what is still held between two instants; asks until it is answered. */
  fill(span: AskedSpan): Promise<void>
  follow(subscription: Pick<Subscription, 'close'>): void
  close(): void
}

/** Buckets asked for: about one per pixel of a wide plot. */
const POINTS = 1200
/**
 * Pause before a question that failed is asked again, ms. It doubles with each failure, up to `MOST_DOUBLED` times: a broker
 * that is too slow for a history is made slower by asking.
 */
const RETRY_MS = 3000
const MOST_DOUBLED = 4
/** A part that was not read is asked for so often again, each time after twice the pause. */
const MORE_OFTEN = 4

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

const recordOf = (answer: HistoryAnswer, { nowTai }: AskedSpan): HistoryRecord => ({
  from: answer.from,
  to: Math.min(answer.to, nowTai),
  before: answer.before,
  offset: answer.clock.offset,
  setAside: answer.clock.setAside,
  interval: answer.interval ?? undefined,
  isComplete: answer.complete,
  readFrom: answer.readFrom ?? undefined,
  heldFrom: answer.heldFrom ?? undefined
})

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
  let failures = 0

  function read(span: AskedSpan): Promise<HistoryAnswer> {
    const { subject: topic, field, index } = ref
    const { from, to } = span
    return readHistory({ topic, field, index, from, to, points: POINTS }, abort.signal)
  }

  function take(answer: HistoryAnswer, span: AskedSpan): void {
    onAnswer(answer, span)
    state.value = { kind: 'loaded' }
    failures = 0
    changed()
    if (answer.complete || unread === MORE_OFTEN) return
    retry = setTimeout(() => void ask(span), RETRY_MS * 2 ** unread++)
  }

  function failed(caught: unknown, span: AskedSpan): void {
    state.value = { kind: 'failed', message: wireErrorOf(caught).message }
    const pauseMs = RETRY_MS * 2 ** Math.min(failures++, MOST_DOUBLED)
    if (mayBeReadAgain(caught)) retry = setTimeout(() => void ask(span), pauseMs)
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
  const record = signal<HistoryRecord | undefined>(undefined)
  const live = createLiveValues(ref, { buffer, onShownAfterAll: countShown })
  const history = createHistoryQuestion(ref, { onAsk: live.forget, onAnswer: takeAnswer, changed })
  let subscription: Pick<Subscription, 'close'> | undefined

  function takeAnswer(answer: HistoryAnswer, span: AskedSpan): void {
    mergeHistory(buffer, answer.buckets.map(bucketOf), { from: span.from, until: span.to })
    if (isHeld) beginHeld(buffer, answer.before, span.from)
    record.value = recordOf(answer, span)
    live.goOnFrom(answer)
  }

  /** What the answer had set aside is shown nevertheless, now that the clock of the source is known better. */
  function countShown(received: number): void {
    const known = record.peek()
    if (known !== undefined && received < known.to)
      record.value = { ...known, setAside: Math.max(0, known.setAside - 1) }
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
    clockOffset: live.clockOffset,
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
