import type { Hub } from '@meridian/fanout'
import { createMetrics, type Metrics } from '@meridian/service'

/** Numbers that the doors keep. */
export interface DoorCounts {
  /** Refused frames and upgrades by code. */
  readonly refused: Map<string, number>
}

/** The gateway's metrics: plain counters of the hot path, read when somebody scrapes. */
export function createGatewayMetrics(hub: Hub, doors: DoorCounts): Metrics & { refused(code: string): void } {
  const metrics = createMetrics('gateway')
  const { counts } = hub
  metrics.read('meridian_gateway_connections', () => hub.sizes().subscribers)
  metrics.read('meridian_gateway_topics', () => hub.sizes().topics)
  metrics.read('meridian_gateway_views', () => hub.sizes().views)
  metrics.read('meridian_gateway_ring_bytes', () => hub.sizes().ringBytes)
  metrics.read('meridian_gateway_messages_total', () => counts.messages)
  metrics.read('meridian_gateway_bad_messages_total', () => counts.bad + counts.failures)
  metrics.read('meridian_gateway_delivered_total', () => counts.records)
  metrics.read('meridian_gateway_frames_total', () => counts.frames)
  metrics.read('meridian_gateway_sent_bytes_total', () => counts.bytes)
  metrics.read('meridian_gateway_slow_closed_total', () => counts.slow)
  for (const outcome of ['resumed', 'snapshot', 'gap'] as const)
    metrics.read('meridian_gateway_resumes_total', () => counts.resumes[outcome], { outcome })
  return {
    ...metrics,
    refused(code) {
      const before = doors.refused.get(code)
      doors.refused.set(code, (before ?? 0) + 1)
      if (before === undefined)
        metrics.read('meridian_gateway_refused_total', () => doors.refused.get(code) ?? 0, { code })
    }
  }
}
