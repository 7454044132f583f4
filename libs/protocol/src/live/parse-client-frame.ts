import { AppError } from '@meridian/errors'
import { decodeMsgpack, MAX_DEPTH } from '@meridian/msgpack'
import { parseAs } from '../parse.ts'
import { isObject, type JsonObject } from '../schema.ts'
import { findUnsafe } from '../unsafe-value.ts'
import { clientFrameSchemas, FRAME_LIMITS } from './client-frame-schemas.ts'
import type { ClientFrame, SubscriptionRequest } from './client-frames.ts'

/**
 * Turns what a client sent into a frame. Text is JSON, bytes are MessagePack. Throws GTW_BAD_FRAME,
 * GTW_UNKNOWN_OP or GTW_TOO_MANY_SUBSCRIPTIONS; where the frame had an `id`, the error's facts name it.
 */
export function parseClientFrame(message: string | Uint8Array): ClientFrame {
  const frame = typeof message === 'string' ? readText(message) : decodeMsgpack(message, { refuse })
  const reason = findUnsafe(frame, MAX_DEPTH)
  if (reason !== undefined) throw refuse(`frame is ${reason}`)
  if (!isObject(frame)) throw refuse('frame is not an object')
  try {
    return parseFrame(frame)
  } catch (err) {
    throw withId(AppError.from(err, 'GTW_BAD_FRAME'), frame['id'])
  }
}

function parseFrame(value: JsonObject): ClientFrame {
  const { op } = value
  if (!isClientOp(op))
    throw new AppError('GTW_UNKNOWN_OP', { op: typeof op === 'string' ? op.slice(0, 40) : typeof op })
  if (op === 'resume') assertFewSubscriptions(value['subscriptions'])
  const frame = parseAs<ClientFrame>(clientFrameSchemas[op], value, 'GTW_BAD_FRAME')
  if (frame.op === 'subscribe') assertRates(frame)
  if (frame.op === 'resume') {
    for (const subscription of frame.subscriptions) assertRates(subscription)
    if (new Set(frame.subscriptions.map(({ id }) => id)).size !== frame.subscriptions.length)
      throw refuse('two subscriptions have the same id')
  }
  return frame
}

const isClientOp = (op: unknown): op is ClientFrame['op'] =>
  typeof op === 'string' && Object.hasOwn(clientFrameSchemas, op)

function assertFewSubscriptions(subscriptions: unknown): void {
  const limit = FRAME_LIMITS.subscriptions
  if (Array.isArray(subscriptions) && subscriptions.length > limit)
    throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit })
}

function assertRates({ patterns }: SubscriptionRequest): void {
  const at = patterns.findIndex(({ quality, rate }) => quality === 'all' && rate !== undefined)
  if (at >= 0) throw refuse(`'patterns[${at}].rate' has no meaning with all`)
}

function readText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('GTW_BAD_FRAME', { cause, detail: 'not JSON' })
  }
}

const refuse = (detail: string): AppError => new AppError('GTW_BAD_FRAME', { detail })

function withId(err: AppError, id: unknown): AppError {
  const echoed = echoOf(id)
  if (echoed === undefined) return err
  return new AppError(err.code, { cause: err, ...err.facts, id: echoed, ...detailOf(err) })
}

/** An id as an answer may carry it: NaN and fractions are no ids, and JSON would make null of some. */
function echoOf(id: unknown): number | string | undefined {
  if (typeof id === 'string') return id.slice(0, 40)
  return Number.isSafeInteger(id) ? (id as number) : undefined
}

/** The sentence after the code and its constant message, if there was one. */
function detailOf(err: AppError): { detail?: string } {
  const detail = err.message.slice(`${err.code}: ${err.entry.message}: `.length)
  return detail === '' ? {} : { detail }
}
