import type { Msg } from '@nats-io/nats-core'
import type { Broker } from './broker.ts'
import { brokerErrorOf } from './broker-error.ts'
import type { Internals } from './internals.ts'
import { createMessage } from './message.ts'

/** As `Broker.subscribe`, on this connection. */
export function subscribe(
  internals: Internals,
  ...[subject, callback, { queue, onRefused } = {}]: Parameters<Broker['subscribe']>
): ReturnType<Broker['subscribe']> {
  const { nc, log } = internals
  const subscription = nc.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error === null)
        return guard(internals, subject, () =>
          callback(createMessage(message, () => noInbox(internals, message)))
        )
      const err = brokerErrorOf(error, subject)
      log.error({ err, subject }, 'subscription ended by the broker')
      onRefused?.(err)
    }
  })
  return {
    unsubscribe: () => subscription.unsubscribe(),
    // The library rejects where it has ended before, with the connection, by a refusal of the broker or by this call.
    drain: async () => {
      if (!subscription.isClosed() && !nc.isClosed()) await subscription.drain()
    }
  }
}

// A callback that throws would end the reader of the whole connection. One that throws at every message is
// logged rarely for each pattern, and counted.
function guard(internals: Internals, subject: string, run: () => void): void {
  try {
    run()
  } catch (err) {
    internals.callbackErrors++
    const { callbackErrors: total } = internals
    internals.logRarely(subject, () =>
      internals.log.error({ err, subject, total }, 'subscription callback failed')
    )
  }
}

// Whoever asked has no right to publish there, and we may have one.
function noInbox(internals: Internals, { subject, reply }: Msg): void {
  internals.callbackErrors++
  internals.logRarely(`no inbox ${subject}`, () =>
    internals.log.warn({ subject, reply }, 'not answered: the reply subject is no inbox')
  )
}
