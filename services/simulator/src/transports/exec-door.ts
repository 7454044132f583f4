import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type ExecReply, parseExecRequest, SAL_ACK } from '@meridian/protocol/commands'
import { patternOf } from '@meridian/subjects'
import type { Executor } from '../executor.ts'

/** Whose commands come in. */
interface Instance {
  readonly csc: string
  readonly index: number
}

/** Where commands come in: `exec.<site>.<CSC>.<index>.*` of every instance, and of every script. */
export interface ExecDoor {
  open(broker: Broker, instances: readonly Instance[], executor: Executor): void
  close(): Promise<void>
  badRequests(): number
}

/** Creates the exec door; it subscribes when `open` is called. */
export function createExecDoor(site: string): ExecDoor {
  let subscriptions: BrokerSubscription[] = []
  let badRequests = 0

  const handle = (message: BrokerMessage, executor: Executor): void => {
    try {
      const request = parseExecRequest(message, 'SIM_BAD_REQUEST')
      executor.execute(request, reply => message.respond(JSON.stringify(reply)))
    } catch (err) {
      badRequests++
      message.respond(JSON.stringify(refusalOf(err)))
    }
  }
  return {
    badRequests: () => badRequests,
    open(broker, instances, executor) {
      const places = [...instances.map(({ csc, index }) => ({ csc, index })), { csc: 'Script' }]
      subscriptions = places.map(of =>
        broker.subscribe(patternOf('exec', { site, ...of }), message => handle(message, executor))
      )
    },
    async close() {
      await Promise.all(subscriptions.map(subscription => subscription.drain()))
      subscriptions = []
    }
  }
}

/** The reply to a request that cannot be read: CMD_FAILED with the code of the error. */
export function refusalOf(caught: unknown): ExecReply & { readonly code: string } {
  const err = AppError.from(caught)
  return { ack: SAL_ACK.CMD_FAILED, error: 1, result: `Failed: ${err.message}`, code: err.code }
}
