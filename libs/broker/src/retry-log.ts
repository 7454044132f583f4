import type { AppError } from '@meridian/errors'
import type { Logger } from 'pino'

/** The log of something that is tried until it succeeds, such as the opening of a consumer. */
export interface RetryLog {
  failed(err: AppError, waitMs: number): void
  /** Says how many tries it took, where any failed. */
  succeeded(): void
  /** Why the last try failed; undefined where it did not. */
  failing(): AppError | undefined
}

/**
 * One line for each change of the reason, without a stack: while a broker is away every try fails in the same
 * way. Repetitions are logged at level debug. `what` is what is tried, such as 'consumer'.
 */
export function createRetryLog(log: Logger, what: string): RetryLog {
  let tries = 0
  let told = ''
  let last: AppError | undefined
  return {
    failed(err, waitMs) {
      const { code, message } = err
      last = err
      tries++
      const level = code === told ? 'debug' : 'warn'
      told = code
      log[level]({ reason: message, waitMs: Math.round(waitMs) }, `${what} could not be opened: tries again`)
    },
    succeeded() {
      if (tries > 0) log.info({ tries }, `${what} is open again`)
      tries = 0
      told = ''
      last = undefined
    },
    failing: () => last
  }
}
