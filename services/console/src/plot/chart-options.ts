import uPlot from 'uplot'
import { drawRecordBegins } from './draw-record-begins.ts'
import { fieldNameOf } from './field-ref.ts'
import { dateLabel, numberLabels, TIME_STEPS, timeLabels } from './labels.ts'
import { lonePoints } from './lone-points.ts'
import type { PlotSeries } from './plot-series.ts'
import type { RecordBegin } from './record-begins.ts'
import { rangeOf } from './value-scale.ts'

/** Dashes of the lines by the number of their colour, so that colour is never the only difference. */
export const DASHES: ReadonlyArray<readonly number[]> = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4]]

const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** The variable of the style sheet that holds the colour of a line. */
export const lineVariable = (number: number): string => `--line-${number}`

const lineColour = (number: number): string => cssColour(lineVariable(number))

/** Units name the scales: fields of one unit share an axis. */
export const scaleOf = (series: Pick<PlotSeries, 'units'>): string => `y ${series.units}`

function seriesOptions(one: PlotSeries): uPlot.Series[] {
  const colour = lineColour(one.colour)
  const edge = { scale: scaleOf(one), stroke: 'transparent', width: 0, points: { show: false } }
  const dash = [...(DASHES[one.colour] ?? [])]
  return [
    { ...edge },
    { ...edge },
    {
      scale: scaleOf(one),
      stroke: colour,
      width: 1.5,
      dash,
      points: { show: false, filter: (u, i) => lonePoints(u.data[i] ?? []), size: 6, fill: colour },
      label: fieldNameOf(one)
    }
  ]
}

/** What a chart tells, and what it is told while it lives. */
export interface ChartHooks {
  /** Power of ten by which the values of a scale are divided before they are drawn. */
  unitOf(scale: string): number
  /** Where the records of lines begin inside the window. */
  recordBegins(): readonly RecordBegin[]
  /** A span was dragged, seconds since 1970, UTC. */
  onSelect(fromUtc: number, toUtc: number): void
  /** The pointer moved: to a moment, seconds since 1970, UTC, or away. */
  onPoint(utc: number | undefined): void
}

function axisOptions(scale: string, i: number, { unitOf }: ChartHooks): uPlot.Axis {
  const grid = { stroke: cssColour('--grid'), width: 1, show: i === 0 }
  return {
    scale,
    side: i === 0 ? 3 : 1,
    size: 74,
    label: scale.slice(2) || 'no unit',
    labelSize: 18,
    stroke: cssColour('--text-quiet'),
    grid,
    ticks: { stroke: cssColour('--grid'), width: 1 },
    values: (_, splits) => numberLabels(splits.map(value => value * unitOf(scale)))
  }
}

const scaleOptions: uPlot.Scale = {
  range: (_, low, high) => (low === null || high === null ? [null, null] : rangeOf(low, high))
}

/** The axis of time says its scale, and the day where all of it is one. */
function timeTitle(u: uPlot): string {
  const { min, max } = u.scales['x'] ?? {}
  if (min == null || max == null || dateLabel(min) !== dateLabel(max)) return 'UTC'
  return `${dateLabel(max)} UTC`
}

/** The moment under the pointer, seconds since 1970, UTC; undefined where it is not over the lines. */
export function pointedAt(u: uPlot): number | undefined {
  const { left = -1 } = u.cursor
  const utc = left < 0 ? Number.NaN : u.posToVal(left, 'x')
  return Number.isFinite(utc) ? utc : undefined
}

/** All that uPlot needs to draw these series; each unit gets an axis of its own. */
export function chartOptions(
  all: readonly PlotSeries[],
  size: { readonly width: number; readonly height: number },
  hooks: ChartHooks
): uPlot.Options {
  const scales = [...new Set(all.map(scaleOf))]
  const quiet = { stroke: cssColour('--grid'), width: 1 }
  const recordColours = {
    ground: `color-mix(in srgb, ${cssColour('--offline')} 14%, transparent)`,
    line: cssColour('--offline'),
    text: cssColour('--text')
  }
  return {
    ...size,
    legend: { show: false },
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: { x: { time: true, auto: false }, ...Object.fromEntries(scales.map(one => [one, scaleOptions])) },
    series: [{}, ...all.flatMap(seriesOptions)],
    bands: all.map((one, i) => ({
      series: [3 * i + 2, 3 * i + 1] as [number, number],
      fill: `color-mix(in srgb, ${lineColour(one.colour)} 28%, transparent)`
    })),
    axes: [
      {
        stroke: cssColour('--text-quiet'),
        grid: quiet,
        ticks: quiet,
        space: 80,
        incrs: [...TIME_STEPS],
        size: 38,
        label: timeTitle,
        labelSize: 16,
        values: (_, splits) => timeLabels(splits)
      },
      ...scales.map((one, i) => axisOptions(one, i, hooks))
    ],
    hooks: {
      drawAxes: [u => drawRecordBegins(u, hooks.recordBegins(), recordColours)],
      setCursor: [u => hooks.onPoint(pointedAt(u))],
      setSelect: [
        u => {
          const { left, width } = u.select
          if (width > 4) hooks.onSelect(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'))
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        }
      ]
    }
  }
}
