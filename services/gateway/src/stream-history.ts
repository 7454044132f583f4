import {
  askPatiently,
  type Broker,
  createRemovals,
  messageAt,
  readStream,
  streamHoles,
  streamState
} from '@meridian/broker'
import type { HistorySource, Hole, ReadMessage, ReadRange, StoredMessage, StoredPart } from '@meridian/fanout'
import { endedBy, type Tracer } from '@meridian/service'
import { removalsOf, traitsOf } from '@meridian/subjects'

/** What one resume may cost the broker [docs/nats.md#resuming]. */
const MAX_MESSAGES = 10_000
const MAX_BYTES = 4 << 20
/** What was not read in time would be told as lost, so a busy broker gets long enough. */
const TIMEOUT_MS = 10_000

/**
 * The streams of the broker, for cursors that are older than the ring. `broker` is asked at each use: it may
 * be connected later.
 */
export function createStreamHistory(broker: () => Broker, site: string, tracer: () => Tracer): HistorySource {
  const removals = createRemovals(broker, { stream: traitsOf('AUDIT').name, subject: removalsOf(site) })
  const patiently = <T>(ask: () => Promise<T>): Promise<T> =>
    askPatiently(broker(), ask, { untilMs: performance.now() + TIMEOUT_MS })
  return {
    range: stream => patiently(() => streamState(broker(), stream)),
    async storedAt(stream, seq) {
      return seq < 1 ? undefined : (await patiently(() => messageAt(broker(), stream, seq)))?.timeUs
    },
    read(range, signal) {
      const { stream, fromSeq, toSeq } = range
      const span = tracer().start('backfill', { kind: 'internal', attributes: { stream, fromSeq, toSeq } })
      return endedBy(span, readRange(broker(), range, signal))
    },
    holes: stream => patiently(() => streamHoles(broker(), stream)),
    subjectsIn: (stream, range) => readSubjects(broker(), stream, range),
    forgotten: (stream, epoch) => removals.of(stream, epoch)
  }
}

/** Which messages a stream holds from one sequence to another; throws where they cannot all be read. */
async function readSubjects(
  broker: Broker,
  stream: string,
  { from, to: toSeq }: Hole
): Promise<readonly ReadMessage[]> {
  const bounds = { maxMessages: Infinity, maxBytes: Infinity, timeoutMs: TIMEOUT_MS }
  const part = { stream, subjects: [], from: { seq: from }, toSeq, isWithoutData: true }
  const messages: ReadMessage[] = []
  for await (const { seq, subject } of readStream(broker, { ...part, ...bounds }))
    messages.push({ seq, subject })
  return messages
}

/** Stops where it would be too much, at the signal, or when the time is over; throws where nothing could be read. */
async function readRange(
  broker: Broker,
  { stream, subjects, fromSeq, toSeq }: ReadRange,
  signal?: AbortSignal
): Promise<StoredPart> {
  const messages: StoredMessage[] = []
  if (fromSeq > toSeq) return { messages, upTo: toSeq }
  let bytes = 0
  const part = readStream(broker, {
    stream,
    subjects,
    from: { seq: fromSeq },
    toSeq,
    maxMessages: MAX_MESSAGES + 1,
    maxBytes: MAX_BYTES * 2,
    timeoutMs: TIMEOUT_MS,
    ...(signal && { signal })
  })
  try {
    for await (const message of part) {
      bytes += message.data.length
      if (messages.length === MAX_MESSAGES || bytes > MAX_BYTES) return { messages, upTo: lastOf(messages) }
      messages.push(message)
    }
  } catch (error) {
    if (messages.length === 0) throw error
    return { messages, upTo: lastOf(messages) }
  }
  return { messages, upTo: signal?.aborted === true ? lastOf(messages) : toSeq }
}

const lastOf = (messages: readonly StoredMessage[]): number => messages.at(-1)?.seq ?? 0
