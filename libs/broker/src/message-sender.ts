import type { NatsConnection } from '@nats-io/nats-core'
import { createPublicationWriter } from './publication-writer.ts'
import type { SpooledMessage, SubjectQueue } from './spool.ts'

// Answers to a message of telemetry come on `<inbox>.t<ticket>`, to an event on `<inbox>.e<ticket>`. What goes along
// with it makes it a batch, whose answers come on `<inbox>.t<ticket>-<name>.<flow>.fail.<sequence>.<what>.$FI`: the
// server reads the tokens from the end, and that before the flow names the batch [docs/nats.md#batches].

/** Sends what is in flight, and knows which answer is whose. */
export interface MessageSender {
  /** The subject of all answers. */
  readonly answers: string
  /** Writes a message with what goes along. Returns false where one of them is larger than the server takes. */
  send(message: SpooledMessage): boolean
  /** The kind of what an answer is for, and its ticket. */
  askedBy(answerSubject: string): Pick<SubjectQueue, 'kind'> & { readonly ticket: number }
}

/** How many messages the stream may leave without an answer: more than a batch has. */
const FLOW = 1_000
const BEGIN = 0
const APPEND = 1
const COMMIT = 2
const LETTER_E = 0x65

/** A sender on a connection; no other has its inbox. */
export function createMessageSender(nc: NatsConnection, inbox: string): MessageSender {
  const writer = createPublicationWriter(nc)
  const ownName = inbox.slice(inbox.lastIndexOf('.') + 1)
  const letterAt = inbox.length + 1

  const replyOf = ({ queue, ticket }: SpooledMessage): string =>
    `${inbox}.${queue.kind === 'event' ? 'e' : 't'}${ticket}`
  // It ends at the first gap: none is stored without the one before it.
  const sendBatch = (first: SpooledMessage, along: readonly SpooledMessage[]): boolean => {
    const { subject } = first.queue
    const reply = `${replyOf(first)}-${ownName}.${FLOW}.fail`
    return [first, ...along].every(({ id, data }, i) => {
      const what = i === 0 ? BEGIN : APPEND
      return writer.write(subject, `${reply}.${i + 1}.${i === along.length ? COMMIT : what}.$FI`, id, data)
    })
  }

  return {
    answers: `${inbox}.>`,
    send(message) {
      const { queue, id, data, along } = message
      return along === undefined
        ? writer.write(queue.subject, replyOf(message), id, data)
        : sendBatch(message, along)
    },
    askedBy: subject => ({
      kind: subject.charCodeAt(letterAt) === LETTER_E ? 'event' : 'telemetry',
      ticket: Number.parseInt(subject.slice(letterAt + 1), 10)
    })
  }
}
