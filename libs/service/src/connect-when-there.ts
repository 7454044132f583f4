import { type Broker, connectBroker, streamNamesOf } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'

/** Broker to connect to and the name of the connection. */
export interface ConnectOptions {
  readonly servers: string
  readonly name: string
  readonly log: Logger
  readonly inboxPrefix: string | undefined
  /**
   * The broker's own site; `origin` is the site whose streams are read there, as mirrors where the two
   * differ.
   */
  readonly site: string
  readonly origin: string
  /** Aborts the wait when the service stops. */
  readonly stopping: AbortSignal
}

/** How long one try to connect may take. */
const TRY_MS = 5_000

/** Connects to the broker, retrying without limit; undefined where `stopping` aborts first. */
export async function connectWhenThere(options: ConnectOptions): Promise<Broker | undefined> {
  const { servers, name, log, inboxPrefix, site, origin, stopping } = options
  let told = ''
  while (!stopping.aborted) {
    const broker = await connectBroker({
      servers,
      name,
      log,
      connectTimeoutMs: TRY_MS,
      streamNames: streamNamesOf({ site, origin }),
      ...(inboxPrefix !== undefined && { inboxPrefix })
    }).catch((caught: unknown) => {
      const { code, message } = AppError.from(caught)
      if (code !== 'BRK_UNAVAILABLE') throw caught
      // Once for each reason: a broker may be away for a night.
      if (message !== told) log.warn({ reason: message }, 'waiting for the broker')
      told = message
      return undefined
    })
    if (broker !== undefined && !stopping.aborted) return broker
    await broker?.drain()
  }
  return undefined
}
