import { askPatiently } from './ask-patiently.ts'
import type { Broker } from './broker.ts'
import { streamState } from './stream-info.ts'
import type { StreamMessage } from './stream-message.ts'
import { openPart, type PartBounds, type PartOptions } from './stream-part.ts'

/** What part of a stream to read. Reading ends at whichever bound comes first. */
export interface ReadOptions extends PartOptions, Omit<PartBounds, 'toSeq'> {
  /** The last sequence wanted; default: what the stream held when reading began. */
  readonly toSeq?: number
}

/**
 * Reads a bounded part of a stream, in order, through a consumer of its own that goes when reading ends or is
 * left. A broker that is slow to answer is asked again, and a consumer that is lost on the way is replaced by one that continues. Throws BRK_TIMEOUT when the part
 * is not complete after `timeoutMs`, BRK_UNAVAILABLE when the connection is lost, BRK_NO_STREAM when the stream
 * is deleted or made anew meanwhile.
 */
export async function* readStream(broker: Broker, options: ReadOptions): AsyncIterable<StreamMessage> {
  const untilMs = performance.now() + options.timeoutMs
  const { lastSeq } = await askPatiently(broker, () => streamState(broker, options.stream), { untilMs })
  const toSeq = Math.min(options.toSeq ?? lastSeq, lastSeq)
  if (typeof options.from === 'object' && 'seq' in options.from && options.from.seq > toSeq) return
  const part = await askPatiently(broker, () => openPart(broker, options), { untilMs })
  yield* part.read({ ...options, toSeq, timeoutMs: Math.max(0, untilMs - performance.now()) })
}
