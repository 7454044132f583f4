import { type ConsumerConfig, DeliverPolicy, type StreamInfo } from '@nats-io/jetstream'
import type { FollowerStart } from './follower-types.ts'
import { brokerMsOf } from './stream-info.ts'

/** The part of a consumer's configuration that says where it begins: as a follower starts, on this stream. */
export function deliverFrom(start: FollowerStart, info: StreamInfo): Partial<ConsumerConfig> {
  if (start.kind === 'last-per-subject')
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: '>' }
  const nowMs = brokerMsOf(info)
  return {
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(nowMs - start.ms).toISOString()
  }
}

/** The same where everything from sequence `seq` on shall come. */
export const deliverFromSeq = (seq: number): Partial<ConsumerConfig> => ({
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: seq
})
