import { AppError } from '@meridian/errors'
import type { ExecRequest } from '@meridian/protocol/commands'

const MAX_BYTES = 256 * 1024
const ID = /^[A-Za-z0-9_-]{1,64}$/

/** What the door needs of an ExecRequest. */
export type ParsedRequest = Pick<ExecRequest, 'id' | 'params'>

/** JSON of a request on exec.; throws SIM_BAD_REQUEST that says what is wrong. */
export function parseObject(data: Uint8Array): Record<string, unknown> {
  if (data.length > MAX_BYTES) throw bad(`more than ${MAX_BYTES} bytes`)
  if (data.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data))
  } catch (cause) {
    throw new AppError('SIM_BAD_REQUEST', { cause, detail: 'not JSON' })
  }
  if (!isObject(value)) throw bad('not an object')
  return value
}

/** An ExecRequest from bytes that anybody may have sent; throws SIM_BAD_REQUEST. */
export function parseExecRequest(data: Uint8Array): ParsedRequest {
  const { id, params = {} } = parseObject(data)
  if (typeof id !== 'string' || !ID.test(id)) throw bad("'id' is not 1 to 64 letters, digits, '_' or '-'")
  if (!isObject(params)) throw bad("'params' is not an object")
  return { id, params }
}

const bad = (detail: string): AppError => new AppError('SIM_BAD_REQUEST', { detail })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
