import { AppError } from '@meridian/errors'
import type { Broker } from './broker.ts'
import { internalsOf } from './internals.ts'
import { streamInfo } from './stream-info.ts'

/** A stream that cannot be used yet, and why. */
export interface MissingStream {
  /** The server's name of it: a mirror's, where the streams stand under other names. */
  readonly stream: string
  /** BRK_NO_STREAM, BRK_NOT_PERMITTED, or the code of whatever else keeps JetStream from answering for the moment. */
  readonly error: AppError
}

/**
 * The first of these streams that the broker does not have, or cannot tell of now; undefined where it has all
 * of them. A right that is missing counts as passing: it may be given at any time. Throws what a repetition
 * cannot mend.
 */
export async function missingStream(
  broker: Broker,
  streams: readonly string[]
): Promise<MissingStream | undefined> {
  for (const stream of streams) {
    try {
      await streamInfo(broker, stream)
    } catch (caught) {
      const error = AppError.from(caught)
      if (!error.entry.canRetry && error.code !== 'BRK_NOT_PERMITTED') throw error
      return { stream: internalsOf(broker).streamName(stream), error }
    }
  }
  return undefined
}
