import { setMaxListeners } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { AppError } from '@meridian/errors'

/** What a wait for Kafka or a registry hangs on. */
export interface Tries {
  /** Ends the tries. */
  readonly stopping: AbortSignal
  /** Told of each try that failed, before the next. */
  readonly failed: (error: AppError) => void
  /** Which failures may pass. Default: those of which the table of codes says that a retry helps. */
  readonly mayPass?: (error: AppError) => boolean
}

const PAUSE_MS = 1_000

const canRetry = ({ entry }: AppError): boolean => entry.canRetry

/**
 * Does something again, a second after each failure, until it is done: a registry or a Kafka that is away is waited for.
 * Throws what cannot pass, and once it is stopped the error of the last try.
 */
export async function tryUntilDone<T>(act: () => Promise<T>, tries: Tries): Promise<T> {
  const { stopping, failed, mayPass = canRetry } = tries
  // Each schema that is waited for hears of the one end.
  setMaxListeners(0, stopping)
  for (;;)
    try {
      return await act()
    } catch (caught) {
      const error = AppError.from(caught)
      if (!mayPass(error)) throw error
      if (!stopping.aborted) failed(error)
      await setTimeout(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined)
      if (stopping.aborted) throw error
    }
}
