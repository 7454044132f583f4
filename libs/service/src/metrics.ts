import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import {
  type BucketCounts,
  type CountedHistogram,
  createCountedHistogram,
  type HistogramName
} from './bucket-counts.ts'
import type { MetricEntry } from './metric-entry.ts'
import { type MetricName, metricsTable } from './metrics-table.ts'

/** The metrics of one process, by the names of the table. */
export interface Metrics {
  readonly counter: (name: MetricName) => Counter
  readonly gauge: (name: MetricName) => Gauge
  readonly histogram: (name: MetricName) => Histogram
  /**
   * Registers a number that the hot path counts itself; it is read at each scrape. A counter's number must
   * only grow. Metrics with labels need one call per set of labels.
   */
  readonly read: (name: MetricName, value: () => number, labels?: Readonly<Record<string, string>>) => void
  /** Registers a histogram whose values the hot path counts itself; it needs one call per set of labels. */
  readonly readHistogram: (
    name: HistogramName,
    counts: BucketCounts,
    labels: Readonly<Record<string, string>>
  ) => void
  /** All metrics in Prometheus' text format. */
  readonly text: () => Promise<string>
}

interface Reading {
  readonly name: MetricName
  readonly value: () => number
  readonly labels: Readonly<Record<string, string>>
}

/** Makes the metrics of a process; `service` is a label of each. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const made = new Map<MetricName, Counter | Gauge | Histogram>()
  const readings: Reading[] = []
  const counted = new Map<HistogramName, CountedHistogram>()

  const make = (name: MetricName): Counter | Gauge | Histogram => {
    const known = made.get(name)
    if (known !== undefined) return known
    const metric = createMetric(name, registry)
    made.set(name, metric)
    return metric
  }

  return {
    counter: name => make(name) as Counter,
    gauge: name => make(name) as Gauge,
    histogram: name => make(name) as Histogram,
    read(name, value, labels = {}) {
      make(name)
      readings.push({ name, value, labels })
    },
    readHistogram(name, counts, labels) {
      const known = counted.get(name)
      if (known !== undefined) return known.add(counts, labels)
      const histogram = createCountedHistogram(name)
      counted.set(name, histogram)
      histogram.add(counts, labels)
      // Its type knows no metrics but its own classes; at run time a name and `get` are all that is asked for.
      registry.registerMetric(histogram as unknown as Histogram)
    },
    text() {
      for (const reading of readings) take(made.get(reading.name), reading)
      return registry.metrics()
    }
  }
}

function createMetric(name: MetricName, registry: Registry): Counter | Gauge | Histogram {
  const { type, help, labels = [], buckets }: MetricEntry = metricsTable[name]
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  if (type === 'counter') return new Counter(common)
  if (type === 'gauge') return new Gauge(common)
  return new Histogram(buckets === undefined ? common : { ...common, buckets: [...buckets] })
}

function take(metric: Counter | Gauge | Histogram | undefined, { value, labels }: Reading): void {
  if (metric instanceof Gauge) metric.set(labels, value())
  if (metric instanceof Counter) {
    metric.remove(labels)
    metric.inc(labels, value())
  }
}
