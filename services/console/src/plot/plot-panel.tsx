import { keyTextOf, readSubject } from '@meridian/subjects'
import { useComputed } from '@preact/signals'
import { formatNumber } from '../format/number-format.ts'
import { preciseTextOf } from '../format/stamp.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { useShell } from '../shell.ts'
import { Chart } from './chart.tsx'
import { DASHES, lineVariable } from './chart-options.ts'
import { fieldNameOf } from './field-ref.ts'
import type { PlotSeries } from './plot-series.ts'
import { type PlotStore, SPANS } from './plot-store.ts'
import { boundsOf, zoomed } from './plot-window.ts'

const spanText = (seconds: number): string => (seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`)

function Toolbar({ plot }: { readonly plot: PlotStore }) {
  const { clock } = useShell()
  const window = plot.window.value
  const change = (by: { factor?: number; shift?: number }): void =>
    plot.show(zoomed(boundsOf(plot.window.peek(), clock.siteTai()), by))
  return (
    <div class="plot-tools" role="toolbar" aria-label="Plot window">
      {SPANS.map(spanSeconds => (
        <button
          type="button"
          key={spanSeconds}
          aria-pressed={window.kind === 'live' && window.spanSeconds === spanSeconds}
          onClick={() => plot.show({ kind: 'live', spanSeconds })}
        >
          {spanText(spanSeconds)}
        </button>
      ))}
      <button type="button" aria-label="Zoom in" onClick={() => change({ factor: 0.5 })}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => change({ factor: 2 })}>
        −
      </button>
      <button type="button" aria-label="Earlier" onClick={() => change({ shift: -0.5 })}>
        ‹
      </button>
      <button type="button" aria-label="Later" onClick={() => change({ shift: 0.5 })}>
        ›
      </button>
      {window.kind === 'live' ? (
        <button type="button" onClick={() => change({})}>
          Pause
        </button>
      ) : (
        <button type="button" class="plot-resume" onClick={plot.resume}>
          Paused: go live
        </button>
      )}
    </div>
  )
}

/** The topic of a subject, and the key of a keyed one, for people. */
function topicTextOf(subject: string): string {
  const parts = readSubject(subject)
  if (parts?.class !== 'tel' && parts?.class !== 'evt') return subject
  return parts.key === undefined ? parts.topic : `${parts.topic} ${keyTextOf(parts.key)}`
}

function historyText(series: PlotSeries): string {
  const state = series.history.value
  switch (state.kind) {
    case 'loading':
      return 'loading history'
    case 'loaded':
      return ''
    case 'none':
      return 'no history held'
    case 'failed':
      return `history failed: ${state.message}`
  }
}

/** The line of the legend looks as the line of the plot does, in either theme. */
const lineStyle = (colour: number) => ({
  stroke: `var(${lineVariable(colour)})`,
  strokeDasharray: DASHES[colour]?.join(' ')
})

function LegendItem({ series, plot }: { readonly series: PlotSeries; readonly plot: PlotStore }) {
  const value = useComputed(() =>
    series.latest.value === undefined ? '—' : formatNumber(series.latest.value)
  )
  return (
    <li class="legend-item">
      <svg class="swatch" viewBox="0 0 28 6" aria-hidden="true">
        <line x1="0" y1="3" x2="28" y2="3" style={lineStyle(series.colour)} />
      </svg>
      <span>
        {topicTextOf(series.subject)}.<strong>{fieldNameOf(series)}</strong>
      </span>
      <span class="number">{value}</span> <span class="row-units">{series.units}</span>
      <span class="quiet-text">{historyText(series)}</span>
      <button
        type="button"
        class="quiet"
        aria-label={`Remove ${fieldNameOf(series)}`}
        onClick={() => plot.remove(series)}
      >
        ×
      </button>
    </li>
  )
}

interface PlotPanelProps {
  readonly panel: PanelName
  readonly plot: PlotStore
}

/** Chosen fields over time: what is still held, then live. */
export function PlotPanel({ panel, plot }: PlotPanelProps) {
  const series = plot.series.value
  const window = plot.window.value
  const tools = (
    <>
      {window.kind === 'held' && (
        <span class="quiet-text">
          {preciseTextOf(window.from).slice(0, 8)} to {preciseTextOf(window.to).slice(0, 8)} UTC
        </span>
      )}
      <Toolbar plot={plot} />
    </>
  )
  return (
    <PanelFrame panel={panel} tools={tools}>
      <ul class="legend">
        {series.map(one => (
          <LegendItem key={JSON.stringify(one.ref)} series={one} plot={plot} />
        ))}
      </ul>
      {series.length === 0 && (
        <p class="empty">Press the name of a number to plot it; open an array to plot one of its elements.</p>
      )}
      <Chart plot={plot} />
    </PanelFrame>
  )
}
