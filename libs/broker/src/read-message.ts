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
  const which: SeqMsgRequest & NextMsgRequest = { seq: 1, next_by_subj: subject }
  return messageOf(broker, stream, which)
}

/** The message with a sequence. Throws BRK_NO_STREAM. */
export const messageAt = (broker: Broker, stream: string, seq: number): Promise<StreamMessage | undefined> =>
  messageOf(broker, stream, { seq })

async function messageOf(
  broker: Broker,
  stream: string,
  which: MsgRequest
): Promise<StreamMessage | undefined> {
  const message = await storedMessage(broker, stream, which)
  if (message === undefined) return undefined
  const { seq, timestamp, subject, data } = message
  return { stream, seq, timeUs: microsecondsOf(timestamp), subject, data }
}

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
