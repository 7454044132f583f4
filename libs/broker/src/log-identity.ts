import type { StreamInfo } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import type { Position } from './follower-types.ts'
import { messageAt } from './read-message.ts'
import { epochOf } from './stream-info.ts'

/**
 * Why a stream is not the log that a position was taken from, or has dropped what follows it; undefined when
 * it continues there. The epoch alone does not tell: a log that was restored or cut at its end takes the same
 * sequences for other messages, so the message at the position must still be the one that was stored at that
 * time. With `mayPass` a log whose head has passed the position continues behind its head.
 */
export async function whyAnotherLog(
  broker: Broker,
  stream: string,
  info: StreamInfo,
  { epoch, seq, timeUs, mayPass }: Position & { readonly mayPass: boolean }
): Promise<string | undefined> {
  if (epochOf(info) !== epoch) return 'epoch differs'
  if (info.state.last_seq < seq) return 'log was rolled back'
  if (timeUs === 0) return undefined
  if (info.state.first_seq > seq + 1) return mayPass ? undefined : 'retention passed the cursor'
  const stored = await messageAt(broker, stream, seq)
  return stored === undefined || stored.timeUs === timeUs ? undefined : 'log was rewritten'
}
