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

const LETTER_S = 0x73
const ZERO = 0x30
const NINE = 0x39

type Answer = Partial<PubAck> & { readonly error?: ApiError }

/**
 * Reads the answer to a publish. Nearly all are `{"stream":"X", "seq":N}`: those are told by two bytes. An
 * empty one is the broker saying that no stream listens, as during an election [docs/nats.md#publishing].
 */
export function readPublishReply(data: Uint8Array): PublishReply {
  const last = data[data.length - 2] ?? 0
  if (data[2] === LETTER_S && last >= ZERO && last <= NINE) return STORED
  if (data.length === 0) return RETRY
  try {
    return replyOf(JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString()) as Answer)
  } catch {
    return RETRY
  }
}

function replyOf({ seq, duplicate, error }: Answer): PublishReply {
  if (error === undefined && seq === undefined) return RETRY
  if (error === undefined) return duplicate === true ? DUPLICATE : STORED
  return isForGood(error) ? { kind: 'refused', reason: error.description } : RETRY
}
