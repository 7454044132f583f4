import type { Publisher, PublisherStats } from '@meridian/broker'
import type { Metrics } from '@meridian/service'
import type { ClockOffsets } from './pipeline/clock-offsets.ts'
import { type Counts, REJECT_CODES, SAMPLE_CLASSES } from './pipeline/counts.ts'
import type { RouteTable } from './pipeline/routes.ts'

/** Parts of the producer whose figures are read at each scrape. */
export interface MetricSources {
  readonly counts: Counts
  readonly routes: RouteTable
  readonly publisher: Publisher
  readonly clocks: ClockOffsets
}

/** Registers what a producer tells about itself. */
export function addProducerMetrics(metrics: Metrics, sources: MetricSources): void {
  const { counts, routes, publisher, clocks } = sources
  for (const name of SAMPLE_CLASSES)
    metrics.read('meridian_producer_samples_total', () => counts.samples[name], { class: name })
  for (const code of REJECT_CODES.filter(code => code !== 'PRD_BAD_FIELD'))
    metrics.read('meridian_producer_dropped_total', () => counts.rejected[code], { reason: code })
  metrics.read('meridian_producer_fields_dropped_total', () => counts.rejected.PRD_BAD_FIELD)
  metrics.read('meridian_producer_already_stored_total', () => counts.stored)
  metrics.read('meridian_producer_uncatalogued_topics', () => routes.unknownTopics())
  metrics.read('meridian_producer_clocks_off', clocks.size)
  metrics.read('meridian_producer_lag_seconds', () => counts.worstLagSeconds())
  addPublisherMetrics(metrics, name => publisher.stats()[name])
}

function addPublisherMetrics(metrics: Metrics, of: (name: keyof PublisherStats) => number): void {
  const dropped = {
    'spool-telemetry': 'droppedTelemetry',
    'spool-event': 'droppedEvents',
    refused: 'refused'
  } as const
  for (const [reason, name] of Object.entries(dropped))
    metrics.read('meridian_producer_dropped_total', () => of(name), { reason })
  metrics.read('meridian_producer_acked_total', () => of('acked'))
  metrics.read('meridian_producer_duplicates_total', () => of('duplicates'))
  metrics.read('meridian_producer_retries_total', () => of('retried'))
  metrics.read('meridian_producer_batches_total', () => of('batches'))
  metrics.read('meridian_producer_split_batches_total', () => of('splitBatches'))
  metrics.read('meridian_producer_pending', () => of('pending'))
  metrics.read('meridian_producer_spool_bytes', () => of('spoolBytes'))
}
