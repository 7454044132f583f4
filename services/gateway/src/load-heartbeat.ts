import { performance } from 'node:perf_hooks'
import type { Broker } from '@meridian/broker'
import { gatewayLoadOf } from '@meridian/subjects'

/** Load of a gateway, as published on `gw.<site>.load`. */
interface Load {
  readonly id: string
  readonly v: 1
  readonly conns: number
  /** Bytes per second that were sent to clients since the last heartbeat. */
  readonly egressBps: number
  /** Event loop utilisation, 0 to 1. */
  readonly elu: number
  readonly ready: boolean
  readonly draining: boolean
}

/** Functions that give the current figures; they are called twice a second. */
export interface LoadSource {
  readonly id: string
  readonly site: string
  readonly connections: () => number
  readonly sentBytes: () => number
  readonly ready: () => boolean
  readonly draining: () => boolean
}

const EVERY_MS = 500

/** Publishes the load twice a second, until the function it gives is called. */
export function startLoadHeartbeat(broker: Broker, source: LoadSource): () => void {
  let elu = performance.eventLoopUtilization()
  let bytes = source.sentBytes()
  const beat = (): void => {
    const now = performance.eventLoopUtilization()
    const sent = source.sentBytes()
    const load: Load = {
      id: source.id,
      v: 1,
      conns: source.connections(),
      egressBps: Math.round(((sent - bytes) * 1000) / EVERY_MS),
      elu: Number(performance.eventLoopUtilization(now, elu).utilization.toFixed(3)),
      ready: source.ready(),
      draining: source.draining()
    }
    elu = now
    bytes = sent
    if (broker.state() === 'connected') broker.publish(gatewayLoadOf(source.site), JSON.stringify(load))
  }
  const timer = setInterval(beat, EVERY_MS)
  return () => clearInterval(timer)
}
