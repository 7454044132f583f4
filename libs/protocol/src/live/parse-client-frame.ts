import { AppError } from '@meridian/errors'
import { decodeMsgpack, MAX_DEPTH, peekMsgpack } from '@meridian/msgpack'
import { parseCommandBody } from '../commands/request.ts'
import { parseExactJson } from '../exact-json.ts'
import { parseAs } from '../parse.ts'
import { isObject, type JsonObject } from '../schema.ts'
import { findUnsafe } from '../unsafe-value.ts'
import { clientFrameSchemas, FRAME_LIMITS } from './client-frame-schemas.ts'
import type { ClientFrame, SubscriptionRequest } from './client-frames.ts'

/**
 * Turns what a client sent into a frame. Text is JSON, bytes are MessagePack. Throws GTW_BAD_FRAME,
 * GTW_UNKNOWN_OP or GTW_TOO_MANY_SUBSCRIPTIONS, for a command what `parseCommandBody` throws; where the
 * frame's `id` could be read, the error's facts name it.
 */
export function parseClientFrame(message: string | Uint8Array): ClientFrame {
  const frame = typeof message === 'string' ? readText(message) : readBytes(message)
  if (!isObject(frame)) throw refuse('frame is not an object')
  try {
    return frame['op'] === 'command' ? parseCommand(frame) : parseFrame(frame)
  } catch (err) {
    throw withId(AppError.from(err, 'GTW_BAD_FRAME'), frame['id'])
  }
}

/** A command: what it says is checked as at every other door. */
function parseCommand({ op: _op, ...body }: JsonObject): ClientFrame {
  const { id, params = {}, ...rest } = parseCommandBody(body)
  if (id === undefined) throw new AppError('CMD_BAD_ID', { detail: 'a frame has one' })
  return { op: 'command', id, ...rest, params }
}

function parseFrame(value: JsonObject): ClientFrame {
  const { op } = value
  const reason = findUnsafe(value, MAX_DEPTH)
  if (reason !== undefined) throw refuse(`frame is ${reason}`)
  if (!isClientOp(op))
    throw new AppError('GTW_UNKNOWN_OP', { op: typeof op === 'string' ? op.slice(0, 40) : typeof op })
  if (op === 'resume') assertFewSubscriptions(value['subscriptions'])
  const frame = parseAs<ClientFrame>(clientFrameSchemas[op], value, 'GTW_BAD_FRAME')
  if (frame.op === 'resume') assertDistinct(frame.subscriptions)
  return frame
}

const isClientOp = (op: unknown): op is ClientFrame['op'] =>
  typeof op === 'string' && Object.hasOwn(clientFrameSchemas, op)

function assertFewSubscriptions(subscriptions: unknown): void {
  const limit = FRAME_LIMITS.subscriptions
  if (Array.isArray(subscriptions) && subscriptions.length > limit)
    throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit })
}

function assertDistinct(subscriptions: readonly SubscriptionRequest[]): void {
  if (new Set(subscriptions.map(({ id }) => id)).size !== subscriptions.length)
    throw refuse('two subscriptions have the same id')
}

function readText(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (cause) {
    throw new AppError('GTW_BAD_FRAME', { cause, detail: 'not JSON' })
  }
}

/**
 * Levels that are read so that the answer can name the frame; how many are allowed is checked afterwards.
 */
const READ_DEPTH = 256

function readBytes(bytes: Uint8Array): unknown {
  try {
    return decodeMsgpack(bytes, { refuse, maxDepth: READ_DEPTH, strictText: true })
  } catch (err) {
    const { op, id } = peekMsgpack(bytes, ['op', 'id'])
    const why = AppError.from(err)
    throw withId(op === 'command' ? why.with({}, 'CMD_BAD_REQUEST') : why, id)
  }
}

const refuse = (detail: string): AppError => new AppError('GTW_BAD_FRAME', { detail })

function withId(err: AppError, id: unknown): AppError {
  const echoed = echoOf(id)
  return echoed === undefined ? err : err.with({ id: echoed })
}

/** An id as an answer may carry it: NaN and fractions are no ids, and JSON would make null of some. */
function echoOf(id: unknown): number | string | undefined {
  if (typeof id === 'string') return id.slice(0, 40)
  return Number.isSafeInteger(id) ? (id as number) : undefined
}
