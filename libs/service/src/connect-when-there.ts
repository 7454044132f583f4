import { setTimeout as sleep } from 'node:timers/promises'
import { type Broker, connectBroker, streamNamesOf } from '@meridian/broker'
import { AppError, type Code } from '@meridian/errors'
import type { Logger } from 'pino'

/** Broker to connect to and the name of the connection. */
export interface ConnectOptions {
  readonly servers: string
  readonly name: string
  readonly log: Logger
  readonly inboxPrefix: string | undefined
  /** Files of the seed and the CA, as `connectBroker` takes them; empty: none. */
  readonly nkeyFile: string
  readonly caFile: string
  /**
   * The broker's own site; `origin` is the site whose streams are read there, as mirrors where the two
   * differ.
   */
  readonly site: string
  readonly origin: string
  /** Told why each try failed. */
  readonly onWaiting: (why: AppError) => void
  /** Aborts the wait when the service stops. */
  readonly stopping: AbortSignal
}

/** How long one try to connect may take. */
const TRY_MS = 5_000
/** Between two tries: a broker that refuses a key does so at once. */
const PAUSE_MS = 500

/** Reasons that may pass without a restart: the broker comes, or is told of the key or certificate. */
const PASSING: readonly Code[] = ['BRK_UNAVAILABLE', 'BRK_INSECURE', 'BRK_WRONG_KEY']

/**
 * Connects to the broker, retrying without limit; undefined where `stopping` aborts first. Throws CFG_INVALID for
 * an address or a file that cannot be used.
 */
export async function connectWhenThere(options: ConnectOptions): Promise<Broker | undefined> {
  const { log, onWaiting, stopping } = options
  let told = ''
  while (!stopping.aborted) {
    const broker = await connectOnce(options).catch((caught: unknown) => {
      const error = AppError.from(caught)
      const { code, message } = error
      if (!PASSING.includes(code)) throw caught
      // Once for each reason: a broker may be away for a night.
      if (message !== told) log.warn({ code, reason: message }, 'waiting for the broker')
      told = message
      onWaiting(error)
      return undefined
    })
    if (broker !== undefined && !stopping.aborted) return broker
    await broker?.drain()
    await sleep(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined)
  }
  return undefined
}

function connectOnce(options: ConnectOptions): Promise<Broker> {
  const { servers, name, log, inboxPrefix, nkeyFile, caFile, site, origin } = options
  return connectBroker({
    servers,
    name,
    log,
    connectTimeoutMs: TRY_MS,
    streamNames: streamNamesOf({ site, origin }),
    ...(inboxPrefix !== undefined && { inboxPrefix }),
    ...(nkeyFile !== '' && { nkeyFile }),
    ...(caFile !== '' && { caFile })
  })
}
