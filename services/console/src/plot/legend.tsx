import { keyTextOf, readSubject } from '@meridian/subjects'
import { useComputed } from '@preact/signals'
import { formatScalar } from '../format/value.ts'
import { DASHES, lineVariable } from './chart-options.ts'
import { fieldNameOf } from './field-ref.ts'
import type { PlotSeries } from './plot-series.ts'
import type { PlotStore } from './plot-store.ts'
import type { Bounds } from './plot-window.ts'
import { isTrustedAt, type Trust } from './resample.ts'
import { seriesNotes } from './series-notes.ts'
import { heldAt, lastIn, sampledAt, valueText } from './series-value.ts'

/** The topic of a subject, and the key of a keyed one, for people. */
function topicTextOf(subject: string): string {
  const parts = readSubject(subject)
  if (parts === undefined || !('topic' in parts)) return subject
  const key = 'key' in parts && parts.key !== undefined ? keyTextOf(parts.key) : undefined
  return key === undefined ? parts.topic : `${parts.topic} ${key}`
}

/** The line of the legend looks as the line of the plot does, in either theme. */
const lineStyle = (colour: number) => ({
  stroke: `var(${lineVariable(colour)})`,
  strokeDasharray: DASHES[colour]?.join(' ')
})

/** How far the pointer may be from a sample that it points at, as a part of the window. */
const REACH = 0.01

/** The value of a line at a moment, or else the last one of the window: where the line is, and nowhere else. */
function textAt(
  series: PlotSeries,
  cursor: number | undefined,
  { bounds, trust }: { readonly bounds: Bounds; readonly trust: Trust }
): string {
  const { buffer, format, isHeld, record } = series
  const { from, to } = bounds
  if (isHeld && cursor !== undefined && !isTrustedAt(trust, cursor)) return valueText(undefined, format)
  if (isHeld) return valueText(heldAt(buffer, cursor ?? to), format)
  if (cursor === undefined) return valueText(lastIn(buffer, bounds), format)
  const search = { reach: (to - from) * REACH, until: to, interval: record.value?.interval }
  return valueText(sampledAt(buffer, cursor, search), format)
}

interface LegendItemProps {
  readonly series: PlotSeries
  readonly plot: PlotStore
  /** The part of time that the plot shows at this moment. */
  readonly bounds: () => Bounds
  /** What is known of the source and of the link to it at this moment. */
  readonly trust: () => Trust
}

/**
 * One line: its look, its name, its value at the pointer, at the end of a held window, or now; below that
 * what is to be said about it.
 */
function LegendItem({ series, plot, bounds, trust }: LegendItemProps) {
  const value = useComputed(() => {
    const cursor = plot.cursor.value
    const window = plot.window.value
    const latest = series.latest.value
    if (cursor === undefined && window.kind === 'live')
      return latest === undefined ? '—' : formatScalar(latest, undefined, series.format)
    plot.version.value
    return textAt(series, cursor, { bounds: bounds(), trust: trust() })
  })
  const notes = useComputed(() => {
    plot.version.value
    plot.window.value
    return seriesNotes({
      isHeld: series.isHeld,
      state: series.history.value,
      record: series.record.value,
      outliers: series.outliers.value,
      offset: series.clockOffset(),
      from: bounds().from
    }).join('; ')
  })
  const name = fieldNameOf(series)
  return (
    <li class="legend-item">
      <svg class="swatch" viewBox="0 0 28 6" aria-hidden="true">
        <line x1="0" y1="3" x2="28" y2="3" style={lineStyle(series.colour)} />
      </svg>
      <span class="legend-name" title={`${series.subject} ${name}`}>
        {topicTextOf(series.subject)}.<strong>{name}</strong>
      </span>
      <span class="number">{value}</span> <span class="row-units">{series.units}</span>
      <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={() => plot.remove(series)}>
        ×
      </button>
      {notes.value !== '' && <span class="quiet-text legend-notes">{notes}</span>}
    </li>
  )
}

/** The lines of the plot with their values. */
export function Legend({ plot, bounds, trust }: Omit<LegendItemProps, 'series'>) {
  return (
    <ul class="legend">
      {plot.series.value.map(one => (
        <LegendItem key={JSON.stringify(one.ref)} series={one} plot={plot} bounds={bounds} trust={trust} />
      ))}
    </ul>
  )
}
