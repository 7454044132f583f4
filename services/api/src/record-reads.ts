import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import type { FastifyRequest } from 'fastify'
import { whileWanted } from './while-wanted.ts'

/** Runs reads of the streams, some at a time; the others wait, and one too many is refused. */
export interface RecordReads {
  /**
   * Runs `read` when it has its turn; addresses take turns, so whoever asks for much waits for itself. Its
   * signal is aborted when the client goes away or the service stops. Throws API_BUSY where it waited for ten
   * seconds, and where too many wait: to those of whose address most wait.
   */
  run<T>(request: FastifyRequest, read: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** Requests that may wait for their turn, and for how long; the next is answered 429. */
const MAX_WAITING = 32
const MAX_WAIT_MS = 10_000

/** Lets `atOnce` reads run at a time until `stopping` is aborted. */
export function createRecordReads(
  atOnce: number,
  stopping: AbortSignal,
  maxWaitMs = MAX_WAIT_MS
): RecordReads {
  const busy = (): AppError => new AppError('API_BUSY', { retryAfterSeconds: 1 })
  const turns = createSemaphore({ atOnce, maxWaiting: MAX_WAITING, refusal: busy })
  return {
    run: (request, read) =>
      whileWanted(request, stopping, async wanted => {
        const late = new AbortController()
        const timer = setTimeout(() => late.abort(busy()), maxWaitMs)
        const begin = (): ReturnType<typeof read> => {
          clearTimeout(timer)
          return read(wanted)
        }
        try {
          const signal = AbortSignal.any([wanted, late.signal])
          return await turns.run(begin, { asker: ['', request.ip], signal })
        } finally {
          clearTimeout(timer)
        }
      })
  }
}
