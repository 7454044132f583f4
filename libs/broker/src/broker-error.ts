import { AppError, type Code } from '@meridian/errors'
import { type ApiError, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { hideWord } from './stream-rights.ts'

// The only place that knows the client's error classes and the server's error numbers: elsewhere our codes
// and the predicates below are used.

const HTTP_TOO_MANY = 429
const HTTP_UNAVAILABLE = 503
/** Numbers of the server that the client library does not name. */
const CONSUMER_EXISTS = 10148
const BEING_STORED = 10158
const STORE_BUSY = 10049
const STREAM_EXISTS_AT_RESTORE = 10130
const TOO_LITTLE_STORE = 10047
const TOO_LITTLE_OF_ANY = 10023

const ownCodes: Readonly<Record<number, Code>> = {
  [JetStreamApiCodes.StreamNotFound]: 'BRK_NO_STREAM',
  [JetStreamApiCodes.StreamWrongLastSequence]: 'BRK_WRONG_SEQUENCE',
  [STREAM_EXISTS_AT_RESTORE]: 'BRK_STREAM_EXISTS'
}

/**
 * The coded error for anything that the client throws; `subject` is what was asked, where one thing was. What the broker does not permit
 * names the subject that it refused.
 */
export function brokerErrorOf(error: unknown, subject?: string): AppError {
  if (error instanceof AppError) return error
  if (error instanceof JetStreamApiError) return apiErrorOf(error.apiError())
  const violation = violationIn(error)
  if (violation !== undefined) return notPermitted(violation, subject)
  return new AppError(codeOf(error), { cause: error, ...(subject === undefined ? {} : { subject }) })
}

/**
 * The coded error for a refusal of JetStream: BRK_NO_STREAM, BRK_WRONG_SEQUENCE, or BRK_REFUSED with
 * `facts.reason`.
 */
export function apiErrorOf(error: ApiError, facts: Readonly<Record<string, unknown>> = {}): AppError {
  const { code: apiCode, err_code: errCode, description: reason } = error
  return new AppError(ownCodes[errCode] ?? 'BRK_REFUSED', {
    detail: reason,
    reason,
    apiCode,
    errCode,
    ...facts
  })
}

// The library wraps some errors in one of its own, with the first one as the cause.
function codeOf(error: unknown): Code {
  if (error instanceof errors.NoRespondersError) return 'BRK_NO_RESPONDERS'
  if (error instanceof errors.TimeoutError) return 'BRK_TIMEOUT'
  if (isWrongKey(error)) return 'BRK_WRONG_KEY'
  if (error instanceof errors.RequestError && error.isNoResponders()) return 'BRK_NO_RESPONDERS'
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : 'BRK_UNAVAILABLE'
}

type Violation = InstanceType<typeof errors.PermissionViolationError>

function violationIn(error: unknown): Violation | undefined {
  if (error instanceof errors.PermissionViolationError) return error
  return error instanceof Error ? violationIn(error.cause) : undefined
}

function notPermitted(violation: Violation, asked: string | undefined): AppError {
  const subject = hideWord(violation.subject || (asked ?? ''))
  const act = violation.operation === 'publish' ? 'publish on' : 'subscribe to'
  return new AppError('BRK_NOT_PERMITTED', {
    cause: violation,
    detail: `no right to ${act} ${subject}`,
    subject
  })
}

/** Whether the broker refused a connection because it does not know the key, or does so no longer. */
export const isWrongKey = (error: unknown): boolean =>
  error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError

const TLS_FAULT = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/

/** Whether there is no connection because the broker's certificate is not trusted, or it does not speak TLS. */
export function isInsecure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && TLS_FAULT.test(String(error.code))) || isInsecure(error.cause)
}

const hasNumber = (error: unknown, number: number): boolean =>
  error instanceof AppError && error.facts['errCode'] === number

/** Whether the stream has no message with that sequence or subject. */
export const isMessageNotFound = (error: unknown): boolean =>
  hasNumber(error, JetStreamApiCodes.NoMessageFound)

/** Whether a consumer of that name exists with another configuration. */
export const isConsumerExists = (error: unknown): boolean => hasNumber(error, CONSUMER_EXISTS)

/** Whether the consumer that was asked for does not exist. */
export const isConsumerNotFound = (error: unknown): boolean =>
  hasNumber(error, JetStreamApiCodes.ConsumerNotFound)

/**
 * Whether a new stream is refused for some milliseconds, as after the account's only file stream was deleted.
 */
export const isStoreBusy = (error: unknown): boolean => hasNumber(error, STORE_BUSY)

/** Whether the server has too little room for what a stream may take. */
export const isWithoutRoom = (error: unknown): boolean =>
  hasNumber(error, TOO_LITTLE_STORE) || hasNumber(error, TOO_LITTLE_OF_ANY)

/** Whether a stream refused a message because it is full: the server has no number of its own for that. */
export const isStreamFull = (error: AppError): boolean =>
  error.code === 'BRK_REFUSED' && /maximum (bytes|messages)|insufficient/.test(String(error.facts['reason']))

/**
 * Whether the same write may succeed later: nobody answers, the broker is away, elects, or still stores the
 * same message id.
 */
export const isPassing = (error: AppError): boolean =>
  error.code === 'BRK_TIMEOUT' ||
  error.code === 'BRK_NO_RESPONDERS' ||
  error.code === 'BRK_UNAVAILABLE' ||
  error.facts['apiCode'] === HTTP_UNAVAILABLE ||
  hasNumber(error, BEING_STORED)

/** Whether a stream's refusal of a message stands for good, however often it is sent. */
export const isForGood = ({ code: status, err_code: number }: ApiError): boolean =>
  status >= 400 && status < 500 && status !== HTTP_TOO_MANY && number !== BEING_STORED
