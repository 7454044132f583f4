import type { Broker } from './broker.ts'
import { API_ERROR, askJetStream, isApiError } from './jetstream-api.ts'
import { epochOf, microsecondsOf, type StoredMessage, type StreamInfo } from './jetstream-types.ts'
import type { StreamMessage } from './stream-message.ts'
import { openPart, type PartBounds, type PartOptions } from './stream-part.ts'

/** How far a stream reaches. */
export interface StreamState {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly messages: number
  readonly bytes: number
}

/** What part of a stream to read. Reading ends at whichever bound comes first. */
export interface ReadOptions extends PartOptions, Omit<PartBounds, 'toSeq'> {
  /** The last sequence wanted; default: what the stream held when reading began. */
  readonly toSeq?: number
}

/** The last message on a subject, as the stream's leader has it. Throws BRK_NO_STREAM. */
export function lastMessage(
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined> {
  return getMessage(broker, stream, { last_by_subj: subject })
}

/** The oldest message on a subject, as the stream's leader has it. Throws BRK_NO_STREAM. */
export function firstMessage(
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined> {
  return getMessage(broker, stream, { seq: 1, next_by_subj: subject })
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
  const part = await openPart(broker, options)
  yield* part.read({ ...options, toSeq })
}
