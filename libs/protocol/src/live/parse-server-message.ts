import { AppError } from '@meridian/errors'
import { decodeMsgpack, MAX_DEPTH } from '@meridian/msgpack'
import type { ServerRecord } from './server-frames.ts'

/**
 * One WebSocket message of the gateway as its records. Text is JSON, bytes are MessagePack. The shape is checked as far as telling the
 * records apart needs it; a control record of an `op` unknown here is passed on, for the caller to ignore. Throws GTW_BAD_FRAME.
 */
export function parseServerMessage(message: string | ArrayBuffer | Uint8Array): readonly ServerRecord[] {
  const records = decode(message)
  if (!Array.isArray(records)) throw new AppError('GTW_BAD_FRAME', { detail: 'not a list of records' })
  for (const record of records) assertRecord(record)
  return records
}

const refuse = (detail: string): AppError => new AppError('GTW_BAD_FRAME', { detail })

/** Fields may be as deep as any value, and stand inside a record inside a list. */
const MAX_MESSAGE_DEPTH = MAX_DEPTH + 2

function decode(message: string | ArrayBuffer | Uint8Array): unknown {
  if (typeof message !== 'string')
    return decodeMsgpack(message instanceof Uint8Array ? message : new Uint8Array(message), {
      refuse,
      maxDepth: MAX_MESSAGE_DEPTH
    })
  try {
    return JSON.parse(message)
  } catch (cause) {
    throw new AppError('GTW_BAD_FRAME', { cause, detail: 'not JSON' })
  }
}

function assertRecord(record: unknown): asserts record is ServerRecord {
  const fine = Array.isArray(record)
    ? record.length === 4 && typeof record[0] === 'number' && typeof record[3] === 'object'
    : typeof record === 'object' && record !== null && typeof (record as { op?: unknown }).op === 'string'
  if (!fine) throw new AppError('GTW_BAD_FRAME', { detail: 'a record is neither data nor control' })
}
