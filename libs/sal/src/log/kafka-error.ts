import { AppError } from '@meridian/errors'

const MAX_DETAIL = 300

/** An error of Kafka's client under our code, with what lies at its ground: the client wraps it several times. */
export const kafkaError = (cause: unknown): AppError =>
  cause instanceof AppError
    ? cause
    : new AppError('SAL_KAFKA', {
        cause,
        detail: [...new Set(groundsOf(cause))].join('; ').slice(0, MAX_DETAIL)
      })

function groundsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  const inner: unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const below = [...inner, ...(error.cause === undefined ? [] : [error.cause])]
  return below.length === 0 ? [error.message] : below.flatMap(groundsOf)
}
