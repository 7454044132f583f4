import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream.ts'
import { STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

/**
 * Removes every message of a stream under a NATS filter; gives how many they were. Throws BRK_NO_STREAM and
 * the broker's errors.
 */
export async function purgeSubjects(broker: Broker, stream: string, filter: string): Promise<number> {
  const { purged } = await askJetStream(
    broker,
    (manager, streamName) => manager.streams.purge(streamName(stream), { filter }),
    { timeoutMs: STREAM_CHANGE_TIMEOUT_MS }
  )
  return purged
}
