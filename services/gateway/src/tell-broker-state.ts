import type { Broker } from '@meridian/broker'
import type { Hub } from '@meridian/fanout'
import { systemClock } from '@meridian/time'

/** Tells clients when the broker goes and comes: while it is away, values grow old. Returns how to stop. */
export function tellBrokerState(broker: Broker, broadcast: Hub['broadcast']): () => void {
  return broker.onState(state => {
    if (state === 'connected' || state === 'disconnected')
      broadcast({
        op: 'broker',
        broker: state === 'connected' ? 'connected' : 'lost',
        time: systemClock.taiSeconds()
      })
  })
}
