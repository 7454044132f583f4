import type { MsgRequest, NextMsgRequest, SeqMsgRequest, StoredMsg } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import { isMessageNotFound } from './broker-error.ts'
import { askJetStream } from './jetstream.ts'
import { microsecondsOf } from './stream-info.ts'
import type { StreamMessage } from './stream-message.ts'

// One message each, as the stream's leader has it: what was acknowledged before is seen.

/** The last message on a subject, or on any that matches a pattern. Throws BRK_NO_STREAM. */
export const lastMessage = (
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined> => messageOf(broker, stream, { last_by_subj: subject })

/** The oldest message on a subject, or on any that matches a pattern. Throws BRK_NO_STREAM. */
export function firstMessage(
  broker: Broker,
  stream: string,
  subject: string
): Promise<StreamMessage | undefined> {
  return nextMessage(broker, stream, { subject, fromSeq: 1 })
}

/** The first message on a subject from sequence `fromSeq` on. Throws BRK_NO_STREAM. */
export function nextMessage(
  broker: Broker,
  stream: string,
  { subject, fromSeq }: { readonly subject: string; readonly fromSeq: number }
): Promise<StreamMessage | undefined> {
  const which: SeqMsgRequest & NextMsgRequest = { seq: fromSeq, next_by_subj: subject }
  return messageOf(broker, stream, which)
}

/**
 * Whether a stream holds nothing on a subject from one sequence to another, both included. Throws
 * BRK_NO_STREAM.
 */
export async function holdsNothing(
  broker: Broker,
  stream: string,
  { subject, fromSeq, toSeq }: { readonly subject: string; readonly fromSeq: number; readonly toSeq: number }
): Promise<boolean> {
  const next = await nextMessage(broker, stream, { subject, fromSeq })
  return next === undefined || next.seq > toSeq
}

/**
 * The last message on a subject up to a sequence or a time, both included. Throws BRK_NO_STREAM, and
 * BRK_UNAVAILABLE where the server is older than 2.11 and cannot tell.
 */
export async function previousMessage(
  broker: Broker,
  stream: string,
  { subject, upTo }: { readonly subject: string; readonly upTo: UpTo }
): Promise<StreamMessage | undefined> {
  const [found] = await previousMessages(broker, stream, { subjects: [subject], upTo })
  return found
}

/** A sequence or a time in UTC microseconds, of which whole ms count; included. */
export type UpTo = { readonly seq: number } | { readonly timeUs: number }

/** Subjects that one call of `previousMessages` may name: the server gives no more messages than 1,024 at once. */
export const MOST_AT_ONCE = 512

/**
 * The last message of each of some subjects, or the last one up to a sequence or a time, in no order; what has none is left out.
 * Without wildcards, and at most MOST_AT_ONCE of them. Throws as `previousMessage`.
 */
export function previousMessages(
  broker: Broker,
  stream: string,
  { subjects, upTo }: { readonly subjects: readonly string[]; readonly upTo?: UpTo | undefined }
): Promise<readonly StreamMessage[]> {
  const bound = upTo === undefined ? {} : boundOf(upTo)
  return askJetStream(broker, (manager, nameOf) => {
    const found: StreamMessage[] = []
    // With a callback the library ends its subscription; as an iterator it leaves one behind at each call.
    return new Promise<readonly StreamMessage[]>((resolve, reject) => {
      const callback = (done: { readonly err?: Error } | null, message: StoredMsg): void => {
        if (done === null) found.push(streamMessageOf(stream, message))
        else if (done.err === undefined) resolve(found)
        else reject(done.err)
      }
      const asked = { multi_last: [...subjects], ...bound, callback }
      manager.direct.getLastMessagesFor(nameOf(stream), asked).catch(reject)
    })
  })
}

const boundOf = (upTo: UpTo) =>
  'seq' in upTo ? { up_to_seq: upTo.seq } : { up_to_time: new Date(Math.ceil(upTo.timeUs / 1000)) }

/**
 * The message with a sequence; undefined where the stream holds none there, not yet or no more. Throws
 * BRK_NO_STREAM.
 */
export const messageAt = (broker: Broker, stream: string, seq: number): Promise<StreamMessage | undefined> =>
  messageOf(broker, stream, { seq })

async function messageOf(
  broker: Broker,
  stream: string,
  which: MsgRequest
): Promise<StreamMessage | undefined> {
  const message = await storedMessage(broker, stream, which)
  if (message === undefined) return undefined
  return streamMessageOf(stream, message)
}

const streamMessageOf = (stream: string, { seq, timestamp, subject, data }: StoredMsg): StreamMessage => ({
  stream,
  seq,
  timeUs: microsecondsOf(timestamp),
  subject,
  data: data.slice()
})

/** A stored message with its headers; undefined when there is none. Throws BRK_NO_STREAM. */
export async function storedMessage(
  broker: Broker,
  stream: string,
  which: MsgRequest
): Promise<StoredMsg | undefined> {
  try {
    return (
      (await askJetStream(broker, (manager, nameOf) => manager.streams.getMessage(nameOf(stream), which))) ??
      undefined
    )
  } catch (error) {
    if (isMessageNotFound(error)) return undefined
    throw error
  }
}
