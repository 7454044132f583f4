import { type Broker, readForgottenUpTo } from '@meridian/broker'
import type { Hub } from '@meridian/fanout'
import { forgetsOf, readSubject, samplesOf } from '@meridian/subjects'
import type { Logger } from 'pino'

/**
 * Drops the topics of a component when somebody says on `forget.` that its names are removed from the
 * streams; what they said behind the removal stays. Returns how to stop.
 */
export function forgetComponents(broker: Broker, site: string, hub: Hub, log: Logger): () => void {
  const subscription = broker.subscribe(forgetsOf(site), message => {
    const subject = readSubject(message.subject)
    if (subject?.class !== 'forget') return
    const { csc, index } = subject
    const topics = hub.forget(samplesOf({ site, csc, index }), readForgottenUpTo(message.text()))
    log.info({ component: csc, index, topics }, 'component is forgotten')
  })
  return () => subscription.unsubscribe()
}
