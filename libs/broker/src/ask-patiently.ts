import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { isPassing } from './broker-error.ts'

/** How long an answer is worth waiting for: until a moment, or until a signal. */
export interface Patience {
  /** Time of `performance.now()` after which nobody waits any longer. */
  readonly untilMs: number
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal
}

/**
 * Asks until there is an answer: a broker that is connected and does not answer in time is busy, elects, or has
 * just been started. `ask` may run several times, so it must only read. Throws BRK_TIMEOUT at `untilMs`, the
 * error of `ask` at once while the connection is lost or where asking again cannot help, and the reason of
 * `signal`.
 */
export async function askPatiently<T>(broker: Broker, ask: () => Promise<T>, patience: Patience): Promise<T> {
  const backoff = createBackoff()
  for (;;) {
    try {
      return await answerInTime(ask(), patience)
    } catch (caught) {
      const waitMs = backoff.nextMs()
      if (!mayAskAgain(broker, caught, performance.now() + waitMs < patience.untilMs)) throw caught
      await sleep(waitMs)
    }
  }
}

/** The error of what was not read in time from a broker that is connected. */
export const slowBroker = (what: string, cause?: unknown): AppError =>
  new AppError('BRK_TIMEOUT', { cause, detail: `it is connected but slow: ${what}` })

function mayAskAgain(broker: Broker, caught: unknown, isInTime: boolean): boolean {
  return isInTime && broker.state() === 'connected' && caught instanceof AppError && isPassing(caught)
}

function answerInTime<T>(answer: Promise<T>, { untilMs, signal }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason)
    const late = (): void => reject(slowBroker('no answer within the time of the request'))
    const timer = setTimeout(late, Math.max(0, untilMs - performance.now()))
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    })
  })
}
