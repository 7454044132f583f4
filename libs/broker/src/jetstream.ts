import { AppError } from '@meridian/errors'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import { brokerErrorOf } from './broker-error.ts'
import { internalsOf } from './internals.ts'
import { API_TIMEOUT_MS } from './timing.ts'

/** Where and how long to ask. */
export interface AskOptions {
  /** For each request; default 1.5 s. */
  readonly timeoutMs?: number
  /** JetStream of another domain, across a leaf link; default: the one that the connection is bound to. */
  readonly domain?: string
}

/** What asks JetStream: the library, and the server's name of a stream. */
type Ask<T> = (manager: JetStreamManager, streamName: (stream: string) => string) => Promise<T>

/**
 * Asks JetStream through the client library. Fails at once with BRK_UNAVAILABLE while the connection is lost
 * or when it is lost meanwhile, where the library would wait for its timeout. Throws BRK_NO_STREAM,
 * BRK_NO_RESPONDERS, BRK_TIMEOUT, BRK_NOT_PERMITTED or BRK_REFUSED.
 */
export async function askJetStream<T>(
  broker: Broker,
  ask: Ask<T>,
  { timeoutMs = API_TIMEOUT_MS, domain }: AskOptions = {}
): Promise<T> {
  if (broker.state() === 'disconnected') throw new AppError('BRK_UNAVAILABLE')
  const { nc, lostRequests, streamName, apiOptions } = internalsOf(broker)
  const where = domain === undefined ? apiOptions : { domain }
  const options = { checkAPI: false, timeout: timeoutMs, ...where }
  try {
    return await lostRequests.race(jetstreamManager(nc, options).then(manager => ask(manager, streamName)))
  } catch (error) {
    throw brokerErrorOf(error)
  }
}
