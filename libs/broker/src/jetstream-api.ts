import { AppError, type Code } from '@meridian/errors'
import type { Broker, BrokerMessage } from './broker.ts'

/** Time an answer of JetStream's own API may take; during an election it does not come at all. */
export const API_TIMEOUT_MS = 1_500

interface ApiError {
  readonly code: number
  readonly err_code: number
  readonly description: string
}

/** Error numbers of the server that mean something of their own to us; everything else is told apart by its HTTP-like code. */
export const API_ERROR = {
  consumerNotFound: 10014,
  messageNotFound: 10037,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  beingStored: 10158,
  storeBusy: 10049
} as const

const codeOf: Readonly<Record<number, Code>> = {
  [API_ERROR.streamNotFound]: 'BRK_NO_STREAM',
  [API_ERROR.wrongLastSequence]: 'BRK_WRONG_SEQUENCE'
}

/**
 * Asks JetStream: `$JS.API.<name>` with JSON both ways. Throws as `request`, BRK_NO_STREAM, BRK_WRONG_SEQUENCE, or BRK_REFUSED with
 * `facts.reason` and `facts.errCode`.
 */
export async function askJetStream<T>(
  broker: Broker,
  name: string,
  body: object | undefined,
  timeoutMs = API_TIMEOUT_MS
): Promise<T> {
  const payload = body === undefined ? '' : JSON.stringify(body)
  return parseAnswer<T>(await broker.request(`$JS.API.${name}`, payload, { timeoutMs }))
}

/** The JSON of an answer; throws its error where it has one. */
export function parseAnswer<T>(message: BrokerMessage): T {
  const answer = JSON.parse(message.text()) as T & { readonly error?: ApiError; readonly stream?: string }
  if (answer.error !== undefined) throw apiErrorOf(answer.error, answer.stream)
  return answer
}

function apiErrorOf({ code, err_code: errCode, description }: ApiError, stream?: string): AppError {
  return new AppError(codeOf[errCode] ?? 'BRK_REFUSED', {
    detail: description,
    reason: description,
    apiCode: code,
    errCode,
    ...(stream === undefined ? {} : { stream })
  })
}

/** Whether an error is this one of the server's. */
export const isApiError = (error: unknown, errCode: number): boolean =>
  error instanceof AppError && error.facts['errCode'] === errCode
