import type { Client, Update } from '@meridian/client'
import { taiSecondsOf } from '@meridian/time'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { FrameQueue } from '../frame-queue.ts'
import { createPlotSeries, type FieldRef, type PlotSeries } from './plot-series.ts'
import { boundsOf, type PlotWindow } from './plot-window.ts'

/** The fields that are plotted, and the window on them. */
export interface PlotStore {
  readonly series: ReadonlySignal<readonly PlotSeries[]>
  readonly window: Signal<PlotWindow>
  /** Counts changes of the data, so that a drawing knows when it is old. */
  readonly version: ReadonlySignal<number>
  has(subject: string, path: string): boolean
  toggle(field: FieldRef): void
  remove(series: PlotSeries): void
  /** Shows another window; history that it needs is fetched. */
  show(window: PlotWindow): void
  close(): void
}

/** As many lines as can be told apart. */
export const MOST_SERIES = 6

/** How long a window must stand still before its history is fetched, ms. */
const FILL_REST_MS = 250

/** Spans on offer, seconds. */
export const SPANS = [60, 300, 900, 3600] as const

/** Creates a plot without fields. */
export function createPlotStore(client: Client, frames: FrameQueue): PlotStore {
  const series = signal<readonly PlotSeries[]>([])
  const window = signal<PlotWindow>({ kind: 'live', spanSeconds: 300 })
  const version = signal(0)
  let filling: ReturnType<typeof setTimeout> | undefined
  const nowTai = (): number => taiSecondsOf(Date.now() + (client.status().clockOffsetMs ?? 0))
  const changed = (): void => {
    version.value = version.peek() + 1
  }
  const find = (all: readonly PlotSeries[], subject: string, path: string): PlotSeries | undefined =>
    all.find(one => one.subject === subject && one.path === path)

  /** A wheel that turns changes the window many times; history is asked for once it rests. */
  function fillSoon(): void {
    clearTimeout(filling)
    filling = setTimeout(() => {
      for (const one of series.peek()) void one.fill(boundsOf(window.peek(), nowTai()))
    }, FILL_REST_MS)
  }

  function remove(one: PlotSeries): void {
    one.close()
    series.value = series.peek().filter(other => other !== one)
  }

  function add(field: FieldRef): void {
    if (series.peek().length >= MOST_SERIES) remove(series.peek()[0] as PlotSeries)
    const colour = Array.from({ length: MOST_SERIES }, (_, i) => i).find(i =>
      series.peek().every(s => s.colour !== i)
    )
    const one = createPlotSeries(field, { colour: colour ?? 0, changed })
    const onData = (update: Update): void => frames.push(() => one.take(update))
    one.follow(
      client.subscribe([{ pattern: field.subject, quality: 'all', fields: [one.field] }], {
        onData,
        onLive: () => void one.fill(boundsOf(window.peek(), nowTai()))
      })
    )
    series.value = [...series.peek(), one]
  }

  return {
    series,
    window,
    version,
    has: (subject, path) => find(series.value, subject, path) !== undefined,
    toggle(field) {
      const held = find(series.peek(), field.subject, field.path)
      if (held === undefined) add(field)
      else remove(held)
    },
    remove,
    show(next) {
      window.value = next
      fillSoon()
    },
    close() {
      clearTimeout(filling)
      for (const one of series.peek()) one.close()
    }
  }
}
