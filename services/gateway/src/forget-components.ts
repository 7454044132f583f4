import { type Broker, readForgetMessage } from '@meridian/broker'
import type { Hub } from '@meridian/fanout'
import { forgetsOf, samplesOf } from '@meridian/subjects'
import type { Logger } from 'pino'

/**
 * Drops the topics of a component when somebody says on `forget.` that its names are removed from the
 * streams; what they said behind the removal stays. Returns how to stop.
 */
export function forgetComponents(broker: Broker, site: string, hub: Hub, log: Logger): () => void {
  const subscription = broker.subscribe(forgetsOf(site), message => {
    const { component, index, upTo } = readForgetMessage({ subject: message.subject, text: message.text() })
    const topics = hub.forget(samplesOf({ site, csc: component, index }), new Map(Object.entries(upTo)))
    log.info({ component, index, topics }, 'component is forgotten')
  })
  return () => subscription.unsubscribe()
}
