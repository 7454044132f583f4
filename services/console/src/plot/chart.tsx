import { taiSecondsOf } from '@meridian/time'
import { effect, untracked } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { PageClock } from '../page-clock.ts'
import { usePanelFailure } from '../panel-boundary.tsx'
import { useShell } from '../shell.ts'
import { theme } from '../theme.ts'
import { chartData } from './chart-data.ts'
import { chartOptions, pointedAt } from './chart-options.ts'
import type { PlotSeries } from './plot-series.ts'
import type { PlotStore } from './plot-store.ts'
import { type Bounds, boundsOf, heldWindow, utcSecondsOf, zoomed } from './plot-window.ts'
import { recordBeginsOf } from './record-begins.ts'
import type { Trust } from './resample.ts'

/**
 * Time between two drawings of new data, ms: quick enough to follow by eye, cheap enough for a wall of plots.
 */
const DRAW_MS = 200

/** What a drawing is made from, and whom it tells. */
interface ChartParts {
  readonly plot: PlotStore
  readonly clock: PageClock
  /** What is known of the source and of the link to it at this moment. */
  readonly trust: () => Trust
  /** Called with what a drawing throws: the panel then says so in its place. */
  readonly fail: (caught: unknown) => void
}

const taiOf = (utcSeconds: number): number => taiSecondsOf(utcSeconds * 1000)

/** What a step of the wheel does to the window: with shift it moves it, else it zooms about the pointer. */
function changeBy(event: WheelEvent, atUtc: number | undefined) {
  const turned = Math.sign(event.deltaY || event.deltaX)
  if (event.shiftKey) return { shift: turned * 0.1 }
  return { factor: turned > 0 ? 1.25 : 0.8, ...(atUtc !== undefined && { centre: taiOf(atUtc) }) }
}

/** The chart of one place: made anew for other series, drawn again for new data. */
interface Drawing {
  /** Makes the chart anew; a pointer that rests on it stays where it is. */
  build(series: readonly PlotSeries[]): void
  draw(): void
  resize(): void
  zoom(event: WheelEvent): void
  end(): void
}

function createDrawing(place: HTMLElement, { plot, clock, trust }: ChartParts): Drawing {
  let chart: uPlot | undefined
  let units: ReadonlyMap<string, number> = new Map()
  const size = () => ({ width: place.clientWidth, height: Math.max(120, place.clientHeight) })
  const bounds = (): Bounds => boundsOf(plot.window.peek(), clock.siteTai())

  function point(utc: number | undefined): void {
    plot.cursor.value = utc === undefined ? undefined : taiOf(utc)
  }

  function draw(): void {
    if (chart === undefined) return
    const { from, to } = bounds()
    const count = Math.max(50, Math.floor(chart.bbox.width / devicePixelRatio / 1.5))
    const laid = chartData(plot.series.peek(), { from, to, count }, trust())
    units = laid.units
    chart.batch((u: uPlot) => {
      u.setData(laid.data, false)
      u.setScale('x', { min: utcSecondsOf(from), max: utcSecondsOf(to) })
    })
    // The pointer rests, and time moves on under it.
    point(pointedAt(chart))
  }

  const hooks = {
    unitOf: (scale: string) => units.get(scale) ?? 1,
    recordBegins: () => recordBeginsOf(plot.series.peek(), bounds()),
    onPoint: point,
    onSelect: (from: number, to: number) =>
      plot.show(heldWindow({ from: taiOf(from), to: taiOf(to) }, clock.siteTai()))
  }

  function forget(): void {
    chart?.destroy()
    // A drawing that was asked for may still come.
    chart = undefined
  }

  return {
    build(series) {
      const { left = -1, top = -1 } = chart?.cursor ?? {}
      forget()
      if (series.length === 0) return point(undefined)
      const nothing: uPlot.AlignedData = [[], ...series.flatMap(() => [[], [], []])]
      chart = new uPlot(chartOptions(series, size(), hooks), nothing, place)
      draw()
      if (left >= 0) chart.setCursor({ left: Math.min(left, chart.over.clientWidth), top }, true)
    },
    draw,
    resize: () => chart?.setSize(size()),
    zoom(event) {
      const at = chart === undefined ? undefined : pointedAt(chart)
      plot.show(zoomed(bounds(), changeBy(event, at), clock.siteTai()))
    },
    end() {
      forget()
      point(undefined)
    }
  }
}

/** Draws the store into `place` and keeps it current; returns what ends that. */
function drawInto(place: HTMLElement, parts: ChartParts): () => void {
  const { plot, clock, fail } = parts
  const drawing = createDrawing(place, parts)
  let timer: ReturnType<typeof setTimeout> | undefined

  function attempt(work: () => void): void {
    try {
      work()
    } catch (caught) {
      fail(caught)
    }
  }

  function drawWaiting(): void {
    timer = undefined
    attempt(drawing.draw)
  }

  function onWheel(event: WheelEvent): void {
    event.preventDefault()
    drawing.zoom(event)
  }

  const stops = [
    effect(() => {
      theme.value
      const series = plot.series.value
      // A drawing reads clocks and verdicts: the chart is not to be made anew whenever one of them changes.
      untracked(() => attempt(() => drawing.build(series)))
    }),
    effect(() => {
      plot.version.value
      plot.window.value
      clock.nowMs.value
      timer ??= setTimeout(() => requestAnimationFrame(drawWaiting), DRAW_MS)
    })
  ]
  const observer = new ResizeObserver(drawing.resize)
  observer.observe(place)
  place.addEventListener('wheel', onWheel, { passive: false })
  return () => {
    clearTimeout(timer)
    observer.disconnect()
    place.removeEventListener('wheel', onWheel)
    for (const stop of stops) stop()
    drawing.end()
  }
}

/** The drawing itself. The wheel zooms about the pointer, dragging selects a span, shift and wheel pans. */
export function Chart({ plot, trust }: Pick<ChartParts, 'plot' | 'trust'>) {
  const { clock } = useShell()
  const fail = usePanelFailure()
  const place = useRef<HTMLDivElement>(null)

  useEffect(() => drawInto(place.current as HTMLElement, { plot, clock, trust, fail }), [plot])

  return <div class="chart" ref={place} role="img" aria-label="Plot of the chosen fields" />
}
