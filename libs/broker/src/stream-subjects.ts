import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream.ts'
import { LAST_VALUES_TIMEOUT_MS } from './timing.ts'

/**
 * The subjects under a pattern of which a stream holds a message, in no order. The server sends them in pages
 * of 100,000. Throws BRK_NO_STREAM or BRK_TIMEOUT.
 */
export async function streamSubjects(
  broker: Broker,
  stream: string,
  pattern: string
): Promise<readonly string[]> {
  return [...(await messagesBySubject(broker, stream, pattern)).keys()]
}

/** How many messages of each subject under a pattern a stream holds. Throws as `streamSubjects`. */
export async function messagesBySubject(
  broker: Broker,
  stream: string,
  pattern: string
): Promise<ReadonlyMap<string, number>> {
  const info = await askJetStream(
    broker,
    (manager, nameOf) => manager.streams.info(nameOf(stream), { subjects_filter: pattern }),
    { timeoutMs: LAST_VALUES_TIMEOUT_MS }
  )
  return new Map(Object.entries(info.state.subjects ?? {}))
}
