import { ClientError } from './client-error.ts'

/** Codes that the entry `program` raises itself: rows of the table in @meridian/errors, which a test compares. */
export const programErrors = {
  SDK_API_UNREACHABLE: { message: 'api does not answer', canRetry: true }
} as const

/** The error of an api that does not answer, or with something else than it should. */
export function unreachable(reason: string): ClientError {
  const { message, canRetry } = programErrors.SDK_API_UNREACHABLE
  const code = 'SDK_API_UNREACHABLE'
  return new ClientError({ code, message: `${code}: ${message}`, canRetry, facts: { reason } })
}
