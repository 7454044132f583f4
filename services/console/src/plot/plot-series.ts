import type { Subscription, Update } from '@meridian/client'
import { type ReadonlySignal, signal } from '@preact/signals'
import { readHistory } from '../api.ts'
import { type FieldRef, fieldNameOf, fieldValueOf } from './field-ref.ts'
import { appendSample, createSeriesBuffer, mergeHistory, type SeriesBuffer } from './series-buffer.ts'

/** Where the history of a series stands. */
type HistoryState =
  | { readonly kind: 'loading' | 'loaded' | 'none' }
  | { readonly kind: 'failed'; readonly message: string }

/** One line of the plot: its values, live and from the history held. */
export interface PlotSeries extends FieldRef {
  /** The reference alone, to be remembered. */
  readonly ref: FieldRef
  /** Number of its colour and dash. */
  readonly colour: number
  readonly buffer: SeriesBuffer
  readonly latest: ReadonlySignal<number | undefined>
  readonly history: ReadonlySignal<HistoryState>
  take(update: Pick<Update, 'time' | 'fields'>): void
  /** Fetches what is still held between two instants (TAI seconds) and has not been heard live. */
  fill(span: { readonly from: number; readonly to: number }): Promise<void>
  follow(subscription: Subscription): void
  close(): void
}

/** Buckets asked for: about one per pixel of a wide plot. */
const POINTS = 1200

/** A value as a number to draw; NaN where it is none. */
export function drawable(value: unknown): number {
  if (typeof value === 'boolean') return Number(value)
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN
}

/** Creates a series without data. `changed` is called whenever there is more to draw. */
export function createPlotSeries(
  ref: FieldRef,
  options: { readonly colour: number; readonly changed: () => void }
): PlotSeries {
  const buffer = createSeriesBuffer()
  const latest = signal<number | undefined>(undefined)
  const history = signal<HistoryState>({ kind: 'loading' })
  const abort = new AbortController()
  let subscription: Subscription | undefined
  let asked = 0

  async function fetchInto(span: { from: number; to: number }): Promise<void> {
    const query = { topic: ref.subject, field: fieldNameOf(ref), ...span, points: POINTS }
    const number = ++asked
    const { buckets } = await readHistory(query, abort.signal)
    if (number !== asked) return
    mergeHistory(buffer, buckets, { from: span.from, until: span.to })
    history.value = { kind: buckets.length === 0 ? 'none' : 'loaded' }
    options.changed()
  }

  return {
    ...ref,
    ref,
    colour: options.colour,
    buffer,
    latest,
    history,
    take({ time, fields }) {
      const value = drawable(fieldValueOf(fields, ref))
      latest.value = value
      appendSample(buffer, time, value)
      options.changed()
    },
    async fill(span) {
      history.value = { kind: 'loading' }
      await fetchInto(span).catch((caught: unknown) => {
        if (!abort.signal.aborted) history.value = { kind: 'failed', message: String(caught) }
      })
    },
    follow(next) {
      subscription = next
    },
    close() {
      abort.abort()
      subscription?.close()
    }
  }
}
