import type { MetricConfiguration } from 'prom-client'
import { type MetricName, metricsTable } from './metrics-table.ts'

/** Counts of a histogram with one set of labels: plain numbers, for places where an observation may cost no more than that. */
export interface BucketCounts {
  /** Adds one value. A negative one counts in the first bucket and adds nothing to the sum, which must not fall. */
  observe(value: number): void
  /** How many values fell into each bucket and no smaller one; the last is for those beyond all bounds. */
  readonly counts: readonly number[]
  sum(): number
}

/** The names of histograms in the table. */
export type HistogramName = {
  [Name in MetricName]: (typeof metricsTable)[Name] extends { buckets: readonly number[] } ? Name : never
}[MetricName]

/** Empty counts with the buckets that the table has for a histogram. */
export function createBucketCounts(name: HistogramName): BucketCounts {
  const { buckets } = metricsTable[name]
  const counts = new Array<number>(buckets.length + 1).fill(0)
  let sum = 0
  return {
    observe(value) {
      let at = 0
      while (at < buckets.length && value > (buckets[at] as number)) at++
      counts[at] = (counts[at] as number) + 1
      if (value > 0) sum += value
    },
    counts,
    sum: () => sum
  }
}

type Labels = Readonly<Record<string, string>>

/** One line of a histogram as Prometheus reads it. */
interface Line {
  readonly metricName: string
  readonly labels: Labels
  readonly value: number
}

/** A histogram for the registry of prom-client, which asks `get` at each scrape. */
export interface CountedHistogram {
  readonly name: HistogramName
  readonly help: string
  readonly type: 'histogram'
  readonly aggregator: MetricConfiguration<string>['aggregator']
  add(counts: BucketCounts, labels: Labels): void
  get(): Promise<object>
}

/** A histogram of counts that are kept elsewhere, without any yet. */
export function createCountedHistogram(name: HistogramName): CountedHistogram {
  const { help, buckets } = metricsTable[name]
  const series: { readonly counts: BucketCounts; readonly labels: Labels }[] = []
  const bounds = [...buckets.map(String), '+Inf']
  const linesOf = ({ counts, labels }: (typeof series)[number]): readonly Line[] => {
    let value = 0
    const lines = bounds.map((le, at): Line => {
      value += counts.counts[at] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value }
    })
    const total = { labels, value }
    return [
      ...lines,
      { metricName: `${name}_sum`, labels, value: counts.sum() },
      { metricName: `${name}_count`, ...total }
    ]
  }
  const common = { name, help, type: 'histogram', aggregator: 'sum' } as const
  return {
    ...common,
    add: (counts, labels) => void series.push({ counts, labels }),
    get: async () => ({ ...common, values: series.flatMap(linesOf) })
  }
}
