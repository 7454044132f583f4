import { AppError } from '@meridian/errors'
import { decodeMsgpack, MAX_DEPTH } from '@meridian/msgpack'
import { readServerRecords } from './read-server-records.ts'
import type { ServerRecord } from './server-frames.ts'

/**
 * One WebSocket message of the gateway as its records. Text is JSON, bytes are MessagePack. Throws
 * GTW_BAD_FRAME.
 */
export function parseServerMessage(message: string | ArrayBuffer | Uint8Array): readonly ServerRecord[] {
  const records = decode(message)
  try {
    return readServerRecords(records)
  } catch (cause) {
    throw new AppError('GTW_BAD_FRAME', { cause, detail: (cause as TypeError).message })
  }
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
