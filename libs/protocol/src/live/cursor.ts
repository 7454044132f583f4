import { AppError } from '@meridian/errors'

/**
 * Where a reader stands in one stream: everything up to `seq` was seen, and message `seq` was stored at `ts`
 * (UTC microseconds).
 */
export interface Position {
  readonly epoch: string
  readonly seq: number
  readonly ts: number
}

/** Where somebody stands in each stream that he reads, by its name. */
export type Cursor = Readonly<Record<string, Position>>

const VERSION = '1'
const STREAM = /^[A-Za-z0-9_-]{1,32}$/
const NUMBER = /^[0-9a-z]{1,11}$/
const MAX_STREAMS = 16

/**
 * A cursor as one token: `1.<stream>.<epoch>.<seq>.<ts>` and so on, numbers in base 36, some 30 characters a
 * stream. Clients keep it whole and read nothing in it. Epochs are shortened by `epochMark`.
 */
export function encodeCursor(cursor: Cursor): string {
  let token = VERSION
  for (const [stream, { epoch, seq, ts }] of Object.entries(cursor))
    token += `.${stream}.${epochMark(epoch)}.${seq.toString(36)}.${ts.toString(36)}`
  return token
}

/** Reads a token; its epochs are marks. Throws GTW_BAD_CURSOR. */
export function decodeCursor(token: string): Cursor {
  const [version, ...rest] = token.length <= 2048 ? token.split('.') : []
  if (version !== VERSION || rest.length % 4 !== 0 || rest.length > 4 * MAX_STREAMS)
    throw new AppError('GTW_BAD_CURSOR')
  const cursor: Record<string, Position> = {}
  for (let i = 0; i < rest.length; i += 4) {
    const [stream = '', epoch = '', seq = '', ts = ''] = rest.slice(i, i + 4)
    if (!STREAM.test(stream) || !NUMBER.test(epoch)) throw new AppError('GTW_BAD_CURSOR')
    cursor[stream] = { epoch, seq: numberOf(seq), ts: numberOf(ts) }
  }
  return cursor
}

/**
 * The mark of an epoch in a token: 53 bits of its hash. The stamp of message `seq` guards what the mark
 * cannot tell apart.
 */
export function epochMark(epoch: string): string {
  let high = 0x811c9dc5
  let low = 0xcbf29ce4
  for (let i = 0; i < epoch.length; i++) {
    const code = epoch.charCodeAt(i)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b) ^ (low >>> 13)
  }
  return ((high >>> 0) * 0x200000 + (low >>> 11)).toString(36)
}

function numberOf(text: string): number {
  const value = NUMBER.test(text) ? Number.parseInt(text, 36) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new AppError('GTW_BAD_CURSOR')
  return value
}
