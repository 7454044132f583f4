import { performance } from 'node:perf_hooks'
import type { GatewayLoad } from '@meridian/protocol/live'
import { type LoadTargets, scoreOf } from './load.ts'

/** Functions that give the current figures; they are called at each beat. */
export interface LoadSource {
  readonly id: string
  readonly targets: LoadTargets
  readonly connections: () => number
  readonly sentBytes: () => number
  readonly ready: () => boolean
  readonly draining: () => boolean
}

/** How much a new figure counts against the mean of those before it. */
const WEIGHT = 0.2
const smooth = (mean: number, figure: number): number => mean + WEIGHT * (figure - mean)

/** Measures the load of this process: each call gives that since the call before it. */
export function createLoadMeter(source: LoadSource): () => GatewayLoad {
  let utilization = performance.eventLoopUtilization()
  let bytes = source.sentBytes()
  let atMs = performance.now()
  let elu = 0
  let egressBps = 0
  return () => {
    const now = performance.eventLoopUtilization()
    const sent = source.sentBytes()
    const nowMs = performance.now()
    elu = smooth(elu, performance.eventLoopUtilization(now, utilization).utilization)
    egressBps = smooth(egressBps, ((sent - bytes) * 1000) / Math.max(1, nowMs - atMs))
    utilization = now
    bytes = sent
    atMs = nowMs
    const figures = { conns: source.connections(), egressBps: Math.round(egressBps), elu: rounded(elu) }
    const score = rounded(scoreOf(figures, source.targets))
    return { id: source.id, v: 1, ...figures, score, ready: source.ready(), draining: source.draining() }
  }
}

const rounded = (figure: number): number => Number(figure.toFixed(6))
