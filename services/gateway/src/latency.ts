import type { OnSent } from '@meridian/fanout'
import { type BucketCounts, createBucketCounts, type Metrics } from '@meridian/service'
import { classOf } from '@meridian/subjects'
import { type Clock, taiMinusUtcSeconds } from '@meridian/time'

/** Latencies of a sample of what was sent, by class of subject [docs/metrics.md#latency]. */
export interface Latency {
  readonly onSent: OnSent
  /** Adds the histograms to the metrics; classes appear with their first message. */
  addTo(metrics: Metrics): void
}

interface ClassLatency {
  readonly source: BucketCounts
  readonly stored: BucketCounts
}

/** Latencies of nothing yet. A message without a source's stamp counts from the broker's alone. */
export function createLatency(clock: Pick<Clock, 'nowMs'>): Latency {
  const classes = new Map<string, ClassLatency>()
  let register = (_name: string, _latency: ClassLatency): void => {}
  const latencyOf = (name: string): ClassLatency => {
    const known = classes.get(name)
    if (known !== undefined) return known
    const source = createBucketCounts('meridian_gateway_source_latency_seconds')
    const stored = createBucketCounts('meridian_gateway_stored_latency_seconds')
    classes.set(name, { source, stored })
    register(name, { source, stored })
    return { source, stored }
  }
  return {
    onSent(subject, time, timeUs) {
      const nowMs = clock.nowMs()
      const { source, stored } = latencyOf(classOf(subject))
      stored.observe((nowMs - timeUs / 1000) / 1000)
      if (time > 0) source.observe(nowMs / 1000 + taiMinusUtcSeconds(nowMs) - time)
    },
    addTo(metrics) {
      register = (name, { source, stored }) => {
        metrics.readHistogram('meridian_gateway_source_latency_seconds', source, { class: name })
        metrics.readHistogram('meridian_gateway_stored_latency_seconds', stored, { class: name })
      }
      for (const [name, latency] of classes) register(name, latency)
    }
  }
}
