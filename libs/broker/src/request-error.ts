import { AppError, type Code } from '@meridian/errors'
import { errors } from '@nats-io/nats-core'

/** The coded error for a request that failed. */
export function requestErrorOf(error: unknown, subject: string): AppError {
  return error instanceof AppError ? error : new AppError(codeOf(error), { cause: error, subject })
}

function codeOf(error: unknown): Code {
  if (error instanceof errors.NoRespondersError) return 'BRK_NO_RESPONDERS'
  if (error instanceof errors.TimeoutError) return 'BRK_TIMEOUT'
  if (error instanceof errors.PermissionViolationError) return 'BRK_NOT_PERMITTED'
  if (error instanceof errors.RequestError)
    return error.isNoResponders() ? 'BRK_NO_RESPONDERS' : codeOfCause(error.cause)
  return 'BRK_UNAVAILABLE'
}

const codeOfCause = (cause: unknown): Code =>
  cause instanceof errors.PermissionViolationError ? 'BRK_NOT_PERMITTED' : 'BRK_UNAVAILABLE'
