import { utcMsOf } from '@meridian/time'
import uPlot from 'uplot'
import { fieldNameOf } from './field-ref.ts'
import { shortNumber, timeLabel } from './labels.ts'
import type { PlotSeries } from './plot-series.ts'

/** Dashes of the lines by the number of their colour, so that colour is never the only difference. */
export const DASHES: ReadonlyArray<readonly number[]> = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4]]

const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** The variable of the style sheet that holds the colour of a line. */
export const lineVariable = (number: number): string => `--line-${number}`

const lineColour = (number: number): string => cssColour(lineVariable(number))

/** Seconds since 1970, UTC, for the time axis. */
export const utcSecondsOf = (tai: number): number => utcMsOf(tai) / 1000

/** Units name the scales: fields of one unit share an axis. */
const scaleOf = (series: PlotSeries): string => `y ${series.units}`

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
      points: { show: false },
      label: fieldNameOf(one)
    }
  ]
}

function axisOptions(scale: string, i: number): uPlot.Axis {
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
    values: (_, splits) => splits.map(value => shortNumber(value, splits))
  }
}

/** All that uPlot needs to draw these series; at most two units get an axis of their own. */
export function chartOptions(
  all: readonly PlotSeries[],
  size: { readonly width: number; readonly height: number },
  onSelect: (fromUtc: number, toUtc: number) => void
): uPlot.Options {
  const scales = [...new Set(all.map(scaleOf))]
  const quiet = { stroke: cssColour('--grid'), width: 1 }
  return {
    ...size,
    legend: { show: false },
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: { x: { time: true, auto: false } },
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
        space: 90,
        values: (_, splits) => splits.map(seconds => timeLabel(seconds, splits))
      },
      ...scales.slice(0, 2).map(axisOptions)
    ],
    hooks: {
      setSelect: [
        u => {
          const { left, width } = u.select
          if (width > 4) onSelect(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'))
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        }
      ]
    }
  }
}
