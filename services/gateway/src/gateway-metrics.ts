import { DEGRADATIONS, type Hub, type OnTick } from '@meridian/fanout'
import type { Metrics } from '@meridian/service'
import type { Followers } from './followers.ts'
import type { Deflater } from './wire-frame.ts'

/** Adds the hub's metrics: plain counters of the hot path, read when somebody scrapes. */
export function addHubMetrics(metrics: Metrics, hub: Hub): void {
  const { counts } = hub
  metrics.read('meridian_gateway_connections', () => hub.sizes().subscribers)
  metrics.read('meridian_gateway_topics', () => hub.sizes().topics)
  metrics.read('meridian_gateway_views', () => hub.sizes().views)
  metrics.read('meridian_gateway_ring_bytes', () => hub.sizes().ringBytes)
  metrics.read('meridian_gateway_messages_total', () => counts.messages)
  metrics.read('meridian_gateway_work_total', () => counts.work)
  metrics.read('meridian_gateway_missed_messages_total', () => counts.missed)
  metrics.read('meridian_gateway_bad_messages_total', () => counts.bad + counts.failures)
  metrics.read('meridian_gateway_delivered_total', () => counts.records)
  metrics.read('meridian_gateway_frames_total', () => counts.frames)
  metrics.read('meridian_gateway_sent_bytes_total', () => counts.bytes)
  metrics.read('meridian_gateway_slow_closed_total', () => counts.slow)
  metrics.read('meridian_gateway_waiting_bytes', () => hub.sizes().waitingBytes)
  metrics.read('meridian_gateway_relieved_total', () => counts.relieved)
  for (const step of DEGRADATIONS) {
    metrics.read('meridian_gateway_degraded', () => hub.sizes().degraded[step], { step })
    metrics.read('meridian_gateway_degradations_total', () => counts.degradations[step], { step })
  }
  for (const outcome of ['resumed', 'snapshot', 'gap'] as const)
    metrics.read('meridian_gateway_resumes_total', () => counts.resumes[outcome], { outcome })
}

/** Adds the times of the hub's ticks; the function is called after each of them. */
export function createTickTimes(metrics: Metrics): OnTick {
  const took = metrics.histogram('meridian_gateway_tick_seconds')
  const late = metrics.histogram('meridian_gateway_tick_late_seconds')
  return (tookMs, lateMs) => {
    took.observe(tookMs / 1000)
    late.observe(lateMs / 1000)
  }
}

/** Adds how far each follower is behind its stream. */
export function addLagMetrics(metrics: Metrics, followers: Followers): void {
  for (const { stream, messages } of followers.lags())
    metrics.read('meridian_gateway_stream_lag_messages', messages, { stream })
}

/**
 * Adds the metrics of compression: bytes before and after, bytes saved, frames that went out as they
 * were.
 */
export function addDeflateMetrics(metrics: Metrics, { counts }: Deflater): void {
  metrics.read('meridian_gateway_deflated_bytes_total', () => counts.before, { stage: 'before' })
  metrics.read('meridian_gateway_deflated_bytes_total', () => counts.after, { stage: 'after' })
  metrics.read('meridian_gateway_saved_bytes_total', () => counts.saved)
  metrics.read('meridian_gateway_undeflated_frames_total', () => counts.skipped)
}

/** Counts refused frames, patterns and upgrades by code; the function is called for each of them. */
export function createRefusals(metrics: Metrics): (code: string) => void {
  const refused = metrics.counter('meridian_gateway_refused_total')
  return code => refused.inc({ code })
}
