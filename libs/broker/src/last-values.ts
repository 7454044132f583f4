import type { Broker } from './broker.ts'
import { lastMessage } from './read-message.ts'
import { streamState } from './stream-info.ts'
import type { StreamMessage } from './stream-message.ts'
import { openPart } from './stream-part.ts'
import { LAST_VALUES_TIMEOUT_MS } from './timing.ts'

/** The stream, the subjects whose last values are read, and the time limit. */
export interface LastValuesOptions {
  readonly stream: string
  /** NATS filters, which may overlap; empty: all of the stream. */
  readonly subjects: readonly string[]
  /** For all of them; default 10 s. */
  readonly timeoutMs?: number
}

/**
 * The last message of every subject that matches, in the order in which they were stored, however many
 * subjects there are: one consumer reads them all. A subject that changes meanwhile may come twice, its newer
 * message last. A single subject is answered by the stream's leader with one request. Throws BRK_NO_STREAM,
 * BRK_TIMEOUT, or BRK_UNAVAILABLE when the connection is lost.
 */
export async function* lastValues(broker: Broker, options: LastValuesOptions): AsyncIterable<StreamMessage> {
  const { stream, subjects, timeoutMs = LAST_VALUES_TIMEOUT_MS } = options
  const [single] = subjects
  if (subjects.length === 1 && single !== undefined && !isPattern(single)) {
    const message = await lastMessage(broker, stream, single)
    if (message !== undefined) yield message
    return
  }
  const part = await openPart(broker, { stream, subjects, from: 'last-values' })
  // Read behind the consumer: a subject that was overwritten between an end before it and the consumer would
  // have no value at all.
  const { lastSeq: toSeq } = await streamState(broker, stream)
  yield* part.read({ toSeq, maxMessages: Infinity, maxBytes: Infinity, timeoutMs })
}

const isPattern = (subject: string): boolean => /(^|\.)[*>](\.|$)/.test(subject)
