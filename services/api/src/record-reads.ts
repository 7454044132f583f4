import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import type { FastifyRequest } from 'fastify'
import { whileWanted } from './while-wanted.ts'

/** Runs reads of the streams, some at a time; the others wait, and one too many is refused. */
export interface RecordReads {
  /**
   * Runs `read` when it has its turn; its signal is aborted when the client goes away or the service stops.
   * Throws API_BUSY where too many wait already.
   */
  run<T>(request: FastifyRequest, read: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** Requests that may wait for their turn; the next is answered 429. */
const MAX_WAITING = 32

/** Lets `atOnce` reads run at a time until `stopping` is aborted. */
export function createRecordReads(atOnce: number, stopping: AbortSignal): RecordReads {
  const turns = createSemaphore({
    atOnce,
    maxWaiting: MAX_WAITING,
    refusal: () => new AppError('API_BUSY', { retryAfterSeconds: 1 })
  })
  return {
    run: (request, read) => turns.run(() => whileWanted(request, stopping, read))
  }
}
