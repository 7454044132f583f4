import type { WireError } from '@meridian/errors'
import type { ControlRecord } from '@meridian/protocol/live'
import { announce, tokenOf } from './flusher.ts'
import type { LiveTopic } from './live-topic.ts'
import { noData, type Sender } from './sender.ts'
import type { SubscribedPattern } from './subscribed-pattern.ts'
import type { View } from './view.ts'

/** A pattern that was not taken, as it was asked for, and the error with which the client is told. */
export interface RefusedPattern {
  readonly pattern: string
  readonly error: WireError
}

/** A subscription as a connection asks for it, with its patterns read and those that it may not have. */
export interface WantedSubscription {
  readonly id: number
  readonly patterns: readonly SubscribedPattern[]
  readonly refused: readonly RefusedPattern[]
  /**
   * The asked pattern by the text of each of its parts, where only parts of it may be had. Default: as they
   * stand.
   */
  readonly askedAs?: ReadonlyMap<string, string>
}

/** A subscription as a view has taken it: the topics that it brings, and what it does not. */
export interface TakenSubscription {
  readonly id: number
  readonly topics: ReadonlySet<LiveTopic>
  readonly refused: readonly RefusedPattern[]
}

/** The answer to a subscription: how many topics it has now, and which patterns were refused. */
export const subscribedRecord = ({ id, topics, refused }: TakenSubscription): ControlRecord => ({
  op: 'subscribed',
  id,
  topics: topics.size,
  refused
})

/** What says that a subscription's last values are complete, with the cursor from which its view goes on. */
export const liveRecord = (id: number, view: View | undefined): ControlRecord => ({
  op: 'live',
  id,
  cursor: tokenOf(view)
})

/**
 * Sends the answer to one new subscription: its topics, their last values, and the cursor from which `view`
 * goes on.
 */
export function sendSnapshot(sender: Sender, taken: TakenSubscription, view: View | undefined): void {
  const { id, topics } = taken
  const head = [sender.encode(subscribedRecord(taken))]
  announce(sender.codec, [...topics], head)
  const data = noData()
  for (const topic of topics)
    if (topic.last !== undefined) sender.add(data, topic.last, view?.interests.get(topic)?.projection)
  sender.sendAnswer(head, data, [sender.encode(liveRecord(id, view))])
}
