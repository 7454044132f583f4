import { classOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { PageClock } from '../page-clock.ts'
import { usePanelFailure } from '../panel-boundary.tsx'
import { useShell } from '../shell.ts'
import { theme } from '../theme.ts'
import { chartOptions, utcSecondsOf } from './chart-options.ts'
import type { PlotStore } from './plot-store.ts'
import { boundsOf, zoomed } from './plot-window.ts'
import { columnTimes, resample, resampleHeld } from './resample.ts'

/**
 * Time between two drawings of new data, ms: quick enough to follow by eye, cheap enough for a wall of plots.
 */
const DRAW_MS = 200

function dataOf(plot: PlotStore, from: number, to: number, columns: number): uPlot.AlignedData {
  const times = columnTimes(from, to, columns).map(utcSecondsOf)
  const lines = plot.series.peek().flatMap(one => {
    const lay = classOf(one.subject) === 'evt' ? resampleHeld : resample
    const { lows, highs, middles } = lay(one.buffer, from, to, columns)
    return [lows, highs, middles]
  })
  return [times, ...lines]
}

/**
 * Draws the store into `place` and keeps it current; `fail` hears what goes wrong. Returns what ends that.
 */
function drawInto(
  place: HTMLElement,
  plot: PlotStore,
  { clock, fail }: { readonly clock: PageClock; readonly fail: (caught: unknown) => void }
): () => void {
  let chart: uPlot | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const size = () => ({ width: place.clientWidth, height: Math.max(120, place.clientHeight) })

  function draw(): void {
    timer = undefined
    if (chart === undefined) return
    const { from, to } = boundsOf(plot.window.peek(), clock.siteTai())
    const columns = Math.max(50, Math.floor(chart.bbox.width / devicePixelRatio / 1.5))
    chart.batch((u: uPlot) => {
      u.setData(dataOf(plot, from, to, columns), false)
      u.setScale('x', { min: utcSecondsOf(from), max: utcSecondsOf(to) })
    })
  }

  const soon = (): void => {
    timer ??= setTimeout(() => requestAnimationFrame(() => attempt(draw)), DRAW_MS)
  }

  function attempt(work: () => void): void {
    try {
      work()
    } catch (caught) {
      fail(caught)
    }
  }

  const select = (from: number, to: number): void =>
    plot.show({ kind: 'held', from: taiSecondsOf(from * 1000), to: taiSecondsOf(to * 1000) })

  function build(): void {
    chart?.destroy()
    chart = undefined
    const series = plot.series.value
    if (series.length === 0) return
    chart = new uPlot(
      chartOptions(series, size(), select),
      [[], ...series.flatMap(() => [[], [], []])],
      place
    )
    draw()
  }

  const stops = [
    effect(() => {
      theme.value
      attempt(build)
    }),
    effect(() => {
      plot.version.value
      plot.window.value
      clock.nowMs.value
      soon()
    })
  ]
  const observer = new ResizeObserver(() => chart?.setSize(size()))
  observer.observe(place)
  return () => {
    clearTimeout(timer)
    observer.disconnect()
    for (const stop of stops) stop()
    chart?.destroy()
  }
}

/** The drawing itself. The wheel zooms about the pointer, dragging selects a span, shift and wheel pans. */
export function Chart({ plot }: { readonly plot: PlotStore }) {
  const { clock } = useShell()
  const fail = usePanelFailure()
  const place = useRef<HTMLDivElement>(null)

  useEffect(() => drawInto(place.current as HTMLElement, plot, { clock, fail }), [plot])

  function onWheel(event: WheelEvent): void {
    event.preventDefault()
    const bounds = boundsOf(plot.window.peek(), clock.siteTai())
    const change: { factor?: number; shift?: number } = event.shiftKey
      ? { shift: Math.sign(event.deltaY || event.deltaX) * 0.1 }
      : { factor: event.deltaY > 0 ? 1.25 : 0.8 }
    plot.show(zoomed(bounds, change))
  }

  return <div class="chart" ref={place} onWheel={onWheel} role="img" aria-label="Plot of the chosen fields" />
}
