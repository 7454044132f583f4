import { type Broker, messageAt, readStream, streamState } from '@meridian/broker'
import type { HistorySource, StoredMessage } from '@meridian/fanout'

/** What one resume may cost the broker [docs/nats.md#resuming]. */
const MAX_MESSAGES = 5_000
const MAX_BYTES = 2 << 20
const TIMEOUT_MS = 2_000

/**
 * The streams of the broker, for cursors that are older than the ring. `broker` is asked at each use: it may
 * be connected later.
 */
export function createStreamHistory(broker: () => Broker): HistorySource {
  return {
    range: stream => streamState(broker(), stream),
    async storedAt(stream, seq) {
      return seq < 1 ? undefined : (await messageAt(broker(), stream, seq))?.timeUs
    },
    async read({ stream, subjects, fromSeq, toSeq }) {
      if (fromSeq > toSeq) return []
      const messages: StoredMessage[] = []
      let bytes = 0
      const part = readStream(broker(), {
        stream,
        subjects,
        from: { seq: fromSeq },
        toSeq,
        maxMessages: MAX_MESSAGES + 1,
        maxBytes: MAX_BYTES * 2,
        timeoutMs: TIMEOUT_MS
      })
      for await (const message of part) {
        bytes += message.data.length
        if (messages.length === MAX_MESSAGES || bytes > MAX_BYTES) return undefined
        messages.push(message)
      }
      return messages
    }
  }
}
