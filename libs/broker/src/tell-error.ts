import type { AppError } from '@meridian/errors'
import { errors } from '@nats-io/nats-core'
import { brokerErrorOf, isWrongKey } from './broker-error.ts'
import type { Internals } from './internals.ts'
import { hideWord } from './stream-rights.ts'

/** Logs and counts an error that the broker reports; gives the one that keeps this process out, and undefined for others. */
export function tellError(internals: Internals, err: Error): AppError | undefined {
  if (err instanceof errors.PermissionViolationError) {
    tellViolation(internals, err)
    return undefined
  }
  const { log, logRarely, refusals } = internals
  if (!isWrongKey(err)) {
    log.error({ err }, 'broker reports an error')
    return undefined
  }
  refusals.key++
  const refusal = brokerErrorOf(err)
  logRarely('key', times => log.error({ err: refusal, times }, 'broker refuses the key of this process'))
  return refusal
}

function tellViolation(
  { log, logRarely, refusals, permissionListeners }: Internals,
  violation: InstanceType<typeof errors.PermissionViolationError>
): void {
  const { operation } = violation
  refusals[operation]++
  if ([...permissionListeners].some(listener => listener(operation, violation.subject))) return
  const err = brokerErrorOf(violation)
  const subject = hideWord(violation.subject)
  logRarely(
    operation,
    times => log.error({ err, operation, subject, times }, 'broker does not permit this'),
    subject
  )
}
