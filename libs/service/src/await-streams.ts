import { setTimeout as sleep } from 'node:timers/promises'
import { type Broker, missingStream } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import type { Logger } from 'pino'

/** Which streams to wait for, and whom to tell. */
export interface AwaitStreamsOptions {
  /** Names of the streams that the service reads or writes. */
  readonly streams: readonly string[]
  readonly log: Logger
  /** Told of each stream that is awaited, by the server's name of it, and why. */
  readonly onAwaited: (stream: string, why: AppError) => void
  /** Aborts the wait when the service stops. */
  readonly stopping: AbortSignal
}

/** Interval of asking whether a stream is there. */
const ASK_EVERY_MS = 500

/**
 * Resolves when the broker has all streams, however long that takes, or when `stopping` aborts. Each stream
 * that is awaited is logged once.
 */
export async function awaitStreams(broker: Broker, options: AwaitStreamsOptions): Promise<void> {
  const { streams, log, onAwaited, stopping } = options
  let awaited: string | undefined
  while (!stopping.aborted) {
    const missing = await missingStream(broker, streams)
    if (missing === undefined) return
    const { stream, error } = missing
    if (stream !== awaited) log.warn({ stream, code: error.code, why: error.message }, 'waiting for a stream')
    awaited = stream
    onAwaited(stream, error)
    await sleep(ASK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined)
  }
}
