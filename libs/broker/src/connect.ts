import { AppError } from '@meridian/errors'
import type { Broker, BrokerOptions } from './broker.ts'
import { brokerErrorOf } from './broker-error.ts'
import { followConnection } from './connection-state.ts'
import { firstConnection } from './first-connection.ts'
import { createInbox, type Internals, registerInternals } from './internals.ts'
import { connectionLost, createLostRequests } from './lost-requests.ts'
import { createMessage, natsHeadersOf } from './message.ts'
import { createRarely } from './rarely.ts'
import { createRequests } from './requests.ts'
import { apiPrefixOf } from './stream-rights.ts'
import { subscribe } from './subscribe.ts'

/**
 * Connects; once connected it comes back by itself for ever. Throws BRK_UNAVAILABLE when the first connection
 * does not come about within `connectTimeoutMs`, BRK_INSECURE where that is because of TLS, BRK_WRONG_KEY at once
 * where the broker does not know the key, and CFG_INVALID at once where `servers` is no list of addresses or a file cannot be used.
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const nc = await firstConnection(options)
  const log = options.log.child({ part: 'broker' })
  const names: Readonly<Record<string, string>> = options.streamNames ?? {}
  const internals: Internals = {
    nc,
    log,
    inboxPrefix: options.inboxPrefix,
    apiOptions: options.changeWord === undefined ? {} : { apiPrefix: apiPrefixOf(options.changeWord) },
    permissionListeners: new Set(),
    lostRequests: createLostRequests(),
    streamName: stream => names[stream] ?? stream,
    callbackErrors: 0,
    refusals: { key: 0, publish: 0, subscription: 0 },
    logRarely: createRarely()
  }
  const broker = createBroker(internals)
  registerInternals(broker, internals)
  return broker
}

function createBroker(internals: Internals): Broker {
  const { nc, lostRequests, permissionListeners } = internals
  const requests = createRequests({ nc, newInbox: () => createInbox(internals), permissionListeners })
  const { reconnects, ...connection } = followConnection(internals, () => {
    lostRequests.fail()
    requests.fail(connectionLost())
  })
  return {
    ...connection,
    serverVersion: nc.info?.version ?? 'unknown',
    publish(subject, data, { reply, headers } = {}) {
      nc.publish(subject, data, {
        ...(reply === undefined ? {} : { reply }),
        ...(headers === undefined ? {} : { headers: natsHeadersOf(headers) })
      })
    },
    async request(subject, data, options) {
      if (connection.state() === 'disconnected') throw new AppError('BRK_UNAVAILABLE', { subject })
      try {
        return createMessage(await requests.ask(subject, data, options))
      } catch (error) {
        throw brokerErrorOf(error, subject)
      }
    },
    subscribe: (subject, callback, options) => subscribe(internals, subject, callback, options),
    inbox: () => createInbox(internals),
    flush: () => nc.flush(),
    stats: () => ({
      reconnects: reconnects(),
      callbackErrors: internals.callbackErrors,
      refusals: internals.refusals
    })
  }
}
