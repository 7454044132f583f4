import { setTimeout } from 'node:timers/promises'
import type { Publisher } from '@meridian/broker'

const LOOK_AGAIN_MS = 20

/**
 * Says when a source that can wait should: from `bytes` that wait for the broker on, until there are fewer, or the
 * process stops. The spool keeps room for what cannot wait.
 */
export function createRoom(
  publisher: Pick<Publisher, 'stats'>,
  bytes: number,
  stopping: AbortSignal
): () => Promise<void> | undefined {
  const isFull = (): boolean => publisher.stats().spoolBytes >= bytes
  const wait = async (): Promise<void> => {
    while (isFull() && !stopping.aborted) await setTimeout(LOOK_AGAIN_MS)
  }
  return () => (isFull() ? wait() : undefined)
}
