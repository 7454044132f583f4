import type { ApiError, PubAck } from '@nats-io/jetstream'
import { isForGood } from './broker-error.ts'

/** What a stream answered: stored, stored before, try later, or never. */
export type PublishReply =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'refused'; readonly reason: string }

const STORED: PublishReply = { kind: 'stored' }
const DUPLICATE: PublishReply = { kind: 'duplicate' }
const RETRY: PublishReply = { kind: 'retry' }
const NO_BATCH: PublishReply = { kind: 'refused', reason: 'not stored as a batch' }

const LETTER_S = 0x73
const LETTER_T = 0x74
const ZERO = 0x30
const NINE = 0x39

type Answer = Partial<PubAck> & {
  readonly error?: ApiError
  readonly batch?: string
  readonly count?: number
}

/**
 * Reads the answer to a publish. Nearly all are `{"stream":"X", "seq":N}`: those are told by two bytes. An
 * empty one is the broker saying that no stream listens, as during an election [docs/nats.md#publishing].
 */
export function readPublishReply(data: Uint8Array): PublishReply {
  const last = data[data.length - 2] ?? 0
  if (data[2] === LETTER_S && last >= ZERO && last <= NINE) return STORED
  if (data.length === 0) return RETRY
  try {
    return replyOf(parse(data))
  } catch {
    return RETRY
  }
}

/**
 * Reads an answer to a batch of so many messages. Undefined for `{"type":…}`, which the stream says on the way. It is
 * stored where the answer names it and counts to its end, and else refused.
 */
export function readBatchReply(data: Uint8Array, size: number): PublishReply | undefined {
  if (data[2] === LETTER_T) return undefined
  try {
    const { batch, count, error } = parse(data)
    return error === undefined && batch !== undefined && count === size ? STORED : NO_BATCH
  } catch {
    return NO_BATCH
  }
}

const parse = (data: Uint8Array): Answer =>
  JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString()) as Answer

function replyOf({ seq, duplicate, error }: Answer): PublishReply {
  if (error === undefined && seq === undefined) return RETRY
  if (error === undefined) return duplicate === true ? DUPLICATE : STORED
  return isForGood(error) ? { kind: 'refused', reason: error.description } : RETRY
}
