import type uPlot from 'uplot'
import { scaleOf } from './chart-options.ts'
import type { PlotSeries } from './plot-series.ts'
import { utcSecondsOf } from './plot-window.ts'
import { type Columns, columnTimes, type Grid, resample, resampleHeld, type Trust } from './resample.ts'
import { inUnits, sizeOf, unitOf } from './value-scale.ts'

/** What uPlot draws, and by what the values of each scale were divided. */
export interface ChartData {
  readonly data: uPlot.AlignedData
  readonly units: ReadonlyMap<string, number>
}

const layOut = (one: PlotSeries, grid: Grid, trust: Trust): Columns =>
  one.isHeld
    ? resampleHeld(one.buffer, grid, trust)
    : resample(one.buffer, grid, { interval: one.record.peek()?.interval })

/** Lays all series on the columns of one grid. */
export function chartData(all: readonly PlotSeries[], grid: Grid, trust: Trust): ChartData {
  const laid = all.map(one => ({ scale: scaleOf(one), ...layOut(one, grid, trust) }))
  const sizes = new Map<string, number>()
  for (const { scale, lows, highs } of laid)
    sizes.set(scale, Math.max(sizes.get(scale) ?? 0, sizeOf([lows, highs])))
  const units = new Map([...sizes].map(([scale, size]) => [scale, unitOf(size)]))
  const lines = laid.flatMap(({ scale, lows, highs, middles }) =>
    [lows, highs, middles].map(cells => inUnits(cells, units.get(scale) ?? 1))
  )
  return { data: [columnTimes(grid).map(utcSecondsOf), ...lines], units }
}
