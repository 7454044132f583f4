import { type BrokerSubscription, readForgetMessage } from '@meridian/broker'
import type { ServicePart } from '@meridian/service'
import { forgetsOf, samplesOf, splitPattern } from '@meridian/subjects'
import type { Names } from '../pipeline/names.ts'
import type { RouteTable } from '../pipeline/routes.ts'

/** Frees the names of an instance that `pnpm forget` removed from the streams. */
export function forgetPart(names: Names, routes: RouteTable, site: string): ServicePart {
  let subscription: BrokerSubscription | undefined
  return {
    name: 'the names to forget',
    async start({ broker, log }) {
      subscription = broker.subscribe(forgetsOf(site), message => {
        const { component: csc, index } = readForgetMessage({
          subject: message.subject,
          text: message.text()
        })
        names.forget(csc, samplesOf({ site, csc, index }).map(splitPattern))
        routes.clear()
        log.info({ csc, index }, 'names forgotten')
      })
      await broker.flush()
    },
    stop: () => subscription?.unsubscribe()
  }
}
