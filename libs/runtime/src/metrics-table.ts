/** One metric: what it counts, in which unit, told apart by which labels. */
export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[]
}

/** Every metric of every service. `docs/metrics.md` lists the same set; a test compares both ways. No metric name stands elsewhere. */
export const metricsTable = {
  meridian_broker_connected: { type: 'gauge', help: '1 while the process is connected to the broker' },
  meridian_broker_reconnects_total: { type: 'counter', help: 'connections to the broker regained' }
} as const satisfies Record<string, MetricEntry>

export type MetricName = keyof typeof metricsTable
