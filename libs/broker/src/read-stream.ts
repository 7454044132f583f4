import { ulid } from 'ulid'
import { createBoundedReader } from './bounded-reader.ts'
import type { Broker } from './broker.ts'
import { API_ERROR, askJetStream, isApiError } from './jetstream-api.ts'
import {
  type ConsumerInfo,
  epochOf,
  microsecondsOf,
  type StoredMessage,
  type StreamInfo
} from './jetstream-types.ts'
import type { StreamMessage } from './stream-message.ts'

/** How far a stream reaches. */
export interface StreamState {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly messages: number
  readonly bytes: number
}

/** What part of a stream to read. Reading ends at whichever bound comes first. */
export interface ReadOptions {
  readonly stream: string
  /** Patterns; empty: all. */
  readonly subjects: readonly string[]
  readonly from: { readonly seq: number } | { readonly timeUs: number }
  /** The last sequence wanted; default: what the stream held when reading began. */
  readonly toSeq?: number
  readonly maxMessages: number
  readonly maxBytes: number
  /** For all of it, from the first message wanted on. */
  readonly timeoutMs: number
}

const NANOSECONDS = 1_000_000
const INACTIVE_MS = 10_000

/** The last message on a subject, as the stream's leader has it. Throws BRK_NO_STREAM. */
export function lastMessage(
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined> {
  return getMessage(broker, stream, { last_by_subj: subject })
}

/** The message with a sequence, as the stream's leader has it. Throws BRK_NO_STREAM. */
export function messageAt(broker: Broker, stream: string, seq: number): Promise<StreamMessage | undefined> {
  return getMessage(broker, stream, { seq })
}

async function getMessage(broker: Broker, stream: string, which: object): Promise<StreamMessage | undefined> {
  try {
    const { message } = await askJetStream<StoredMessage>(broker, `STREAM.MSG.GET.${stream}`, which)
    return {
      stream,
      seq: message.seq,
      timeUs: microsecondsOf(message.time),
      subject: message.subject,
      data: new Uint8Array(Buffer.from(message.data ?? '', 'base64'))
    }
  } catch (error) {
    if (isApiError(error, API_ERROR.messageNotFound)) return undefined
    throw error
  }
}

/** How far a stream reaches. Throws BRK_NO_STREAM. */
export async function streamState(broker: Broker, stream: string): Promise<StreamState> {
  const info = await askJetStream<StreamInfo>(broker, `STREAM.INFO.${stream}`, undefined)
  const { first_seq: firstSeq, last_seq: lastSeq, messages, bytes } = info.state
  return { epoch: epochOf(info), firstSeq, lastSeq, messages, bytes }
}

/**
 * Reads a bounded part of a stream, in order, through a consumer of its own that goes when reading ends or is left. Throws BRK_TIMEOUT when
 * the part is not complete after `timeoutMs`, BRK_UNAVAILABLE when the consumer was lost on the way.
 */
export async function* readStream(broker: Broker, options: ReadOptions): AsyncIterable<StreamMessage> {
  const { lastSeq } = await streamState(broker, options.stream)
  const toSeq = Math.min(options.toSeq ?? lastSeq, lastSeq)
  if ('seq' in options.from && options.from.seq > toSeq) return
  const consumer = await createReader(broker, options)
  if (consumer.num_pending === 0) {
    await deleteReader(broker, options.stream, consumer.name)
    return
  }
  const reader = createBoundedReader(broker, { ...options, consumer: consumer.name, toSeq })
  try {
    for (let some = await reader.next(); some.length > 0; some = await reader.next()) yield* some
  } finally {
    reader.stop()
    void deleteReader(broker, options.stream, consumer.name)
  }
}

function createReader(broker: Broker, { stream, subjects, from }: ReadOptions): Promise<ConsumerInfo> {
  const name = `rd_${ulid().slice(-16).toLowerCase()}`
  const [single] = subjects
  const filter = subjects.length === 1 ? { filter_subject: single } : { filter_subjects: subjects }
  const config = {
    name,
    ack_policy: 'none',
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: INACTIVE_MS * NANOSECONDS,
    ...(subjects.length === 0 ? {} : filter),
    ...('seq' in from
      ? { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, from.seq) }
      : {
          deliver_policy: 'by_start_time',
          opt_start_time: new Date(Math.floor(from.timeUs / 1000)).toISOString()
        })
  }
  const suffix = subjects.length === 1 ? `.${single}` : ''
  return askJetStream(broker, `CONSUMER.CREATE.${stream}.${name}${suffix}`, { stream_name: stream, config })
}

async function deleteReader(broker: Broker, stream: string, name: string): Promise<void> {
  await askJetStream(broker, `CONSUMER.DELETE.${stream}.${name}`, undefined).catch(() => {})
}
