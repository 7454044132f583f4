import { type Broker, connectBroker, streamNamesOf } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'

/** Which broker, and who asks. */
export interface ConnectOptions {
  readonly servers: string
  readonly name: string
  readonly log: Logger
  readonly inboxPrefix: string | undefined
  /** The site of the broker, and the one whose streams are read there. */
  readonly site: string
  readonly origin: string
  /** Ends the waiting. */
  readonly stopping: AbortSignal
}

/** How often the log says that the broker is still awaited. */
const SAY_EVERY_MS = 5_000

/** Waits for the broker as long as it takes; undefined where the service is stopped meanwhile. */
export async function connectWhenThere(options: ConnectOptions): Promise<Broker | undefined> {
  const { servers, name, log, inboxPrefix, site, origin, stopping } = options
  while (!stopping.aborted) {
    const broker = await connectBroker({
      servers,
      name,
      log,
      connectTimeoutMs: SAY_EVERY_MS,
      streamNames: streamNamesOf({ site, origin }),
      ...(inboxPrefix !== undefined && { inboxPrefix })
    }).catch((caught: unknown) => {
      if (AppError.from(caught).code !== 'BRK_UNAVAILABLE') throw caught
      log.warn({ err: caught }, 'waiting for the broker')
      return undefined
    })
    if (broker !== undefined && !stopping.aborted) return broker
    await broker?.drain()
  }
  return undefined
}
