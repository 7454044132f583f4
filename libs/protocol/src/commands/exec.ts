import { AppError, type Code } from '@meridian/errors'
import { isInbox, parseSubject } from '@meridian/subjects'
import { objectSchema } from '../object-schema.ts'
import { parseAs, readExactJsonObject, readJsonObject } from '../parse.ts'
import type { JsonObject } from '../schema.ts'
import { COMMAND_LIMITS, COMMAND_SIZES, EXEC_ID } from './limits.ts'
import { findParamsProblem } from './params-problem.ts'
import type { RecordMessage } from './records.ts'
import { isSalAckCode, type SalAckCode } from './sal-ack.ts'
import { commandName, commandParams, instanceIndex, number, text } from './values.ts'

/** What a commander sends on `exec.`; the component on NATS answers with ExecReply, once or several times. */
export interface ExecRequest {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: JsonObject
  /** Principal that sent the command. */
  readonly identity: string
  /** TAI seconds after which the component must not start the command. */
  readonly notAfter: number
}

/**
 * A request on `exec.` as a component reads it: who asked may be missing, for a component can be tried by
 * hand with an id alone.
 */
export type ReadExecRequest = Omit<ExecRequest, 'identity' | 'notAfter'> & Partial<ExecRequest>

/**
 * A component's answer on the reply subject of `exec.`: a SAL acknowledgement. `timeout` in seconds, for
 * CMD_INPROGRESS.
 */
export interface ExecReply {
  readonly ack: number
  readonly error?: number
  readonly result?: string
  readonly timeout?: number
}

type ExecPayload = Pick<ExecRequest, 'id'> & Partial<ExecRequest>

// Closed: what the server or a service answers to somebody whose reply subject is one of `exec.` has an `id` too.
const requestSchema = objectSchema<ExecPayload>(
  {
    required: { id: { type: 'string', pattern: EXEC_ID } },
    optional: {
      params: commandParams,
      csc: commandName,
      index: instanceIndex,
      command: commandName,
      identity: text,
      notAfter: number
    }
  },
  { additionalProperties: false }
)

/**
 * Reads a request on `exec.`; its subject says whom it is for. A member that is not of ExecRequest is refused, for then
 * it was not written as a command. So is one whose reply subject is no inbox: it came from a stream, or from a request of
 * somebody else, whose reply subject was one of `exec.`. Throws `code`, and WIR_BAD_SUBJECT.
 */
export function parseExecRequest(
  { subject, reply, data }: RecordMessage & { readonly reply: string | undefined },
  code: Code = 'CMD_BAD_REQUEST'
): ReadExecRequest {
  if (reply === undefined || !isInbox(reply)) throw new AppError(code, { detail: 'asks for no answer' })
  const at = parseSubject(subject)
  if (at.class !== 'exec') throw new AppError(code, { detail: 'not on a subject of exec.' })
  const payload = readExactJsonObject(data, code, COMMAND_SIZES.execBytes)
  const { params = {}, ...request } = parseAs<ExecPayload>(requestSchema, payload, code)
  assertParams(params, code)
  const { csc, index, command } = at
  return { ...request, csc, index, command, params }
}

/**
 * Parses a component's answer. What has a wrong type besides `ack` is left out, and so is an `error` beyond 2^53,
 * with which no record could be read; a long `result` is cut and a long `timeout` shortened: a component that is
 * careless about details has answered all the same. Throws CMD_BAD_REPLY where `ack` is none of SAL's codes.
 */
export const parseExecReply = (data: Uint8Array): ReadExecReply =>
  readExecReply(readJsonObject(data, 'CMD_BAD_REPLY'))

/** An answer whose code is one of SAL's. */
export type ReadExecReply = ExecReply & { readonly ack: SalAckCode }

/** The same of an answer that has been taken apart already. Throws as `parseExecReply`. */
export function readExecReply({ ack, error, result, timeout }: JsonObject): ReadExecReply {
  if (!isSalAckCode(ack)) throw new AppError('CMD_BAD_REPLY', { detail: "'ack' is not a code of SAL" })
  return {
    ack,
    ...(Number.isSafeInteger(error) && { error: error as number }),
    ...(typeof result === 'string' && { result: result.slice(0, COMMAND_SIZES.resultLength) }),
    ...(isTimeout(timeout) && { timeout: Math.min(timeout, COMMAND_LIMITS.timeoutSeconds) })
  }
}

/** Numbers that a JSON number carries: a commander sends an integer beyond 2^53 as text. */
function assertParams(params: JsonObject, code: Code): void {
  const problem = findParamsProblem(params, { bigints: false })
  if (problem === undefined) return
  if (problem.kind === 'form') throw new AppError(code, { detail: `'params' is ${problem.reason}` })
  throw new AppError(code, { detail: `'${problem.parameter.slice(0, 80)}' should be ${problem.expected}` })
}

const isTimeout = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
