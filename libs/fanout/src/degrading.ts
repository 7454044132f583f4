import { announce, tokenOf } from './flusher.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Degradation } from './ladder.ts'
import type { LiveTopic } from './live-topic.ts'
import type { Membership } from './membership.ts'
import { noData, type Sender } from './sender.ts'
import type { Stream } from './stream.ts'
import { wantsEvery } from './subscribed-pattern.ts'
import type { View } from './view.ts'

/** A connection that falls behind, and what counts its moves. */
export interface DegradingParts {
  readonly sender: Sender
  readonly membership: Membership
  readonly counts: Pick<HubCounts, 'degradations'>
}

/** Up to where a connection has had every message of a stream. */
interface Had {
  readonly epoch: string | undefined
  readonly seq: number
}

/**
 * Moves one connection between views that bring less and more of its subscriptions, and tells it. What it
 * misses meanwhile of topics of which it wanted every message is a gap that is told when they come again, and
 * of them and of paused ones the last values are sent.
 */
export class Degrading {
  readonly #parts: DegradingParts
  readonly #had = new Map<Stream, Had>()

  constructor(parts: DegradingParts) {
    this.#parts = parts
  }

  moveTo(step: Degradation): void {
    const { membership, sender, counts } = this.#parts
    const before = membership.view
    const view = membership.moveTo(step)
    counts.degradations[step]++
    const head = [sender.encode({ op: 'degraded', step })]
    for (const stream of before?.streams ?? [])
      if (!view?.streams.includes(stream)) this.#had.set(stream, { epoch: stream.epoch, seq: stream.seq })
    for (const stream of view?.streams ?? [])
      if (!before?.streams.includes(stream)) head.push(...this.#regained(stream))
    const data = noData()
    const topics = view === undefined ? [] : regainedTopics(view, before)
    announce(sender.codec, topics, head)
    for (const topic of topics)
      if (topic.last !== undefined) sender.add(data, topic.last, view?.interests.get(topic)?.projection)
    sender.sendAnswer(head, data, [sender.encode({ op: 'cursor', cursor: tokenOf(view) })])
  }

  /** Forgets what was missed: whoever resumes is told by its cursor. */
  forget(): void {
    this.#had.clear()
  }

  /** What is said of a stream of which every message comes again. */
  #regained(stream: Stream): readonly Uint8Array[] {
    const { sender } = this.#parts
    const had = this.#had.get(stream)
    this.#had.delete(stream)
    const { name, epoch, seq } = stream
    if (had?.epoch !== epoch) return [sender.encode({ op: 'reset', stream: name })]
    if (had === undefined || had.seq >= seq) return []
    return [sender.encode({ op: 'gap', stream: name, from: had.seq + 1, to: seq })]
  }
}

/** Topics that `view` brings and that `before` did not, or of which it did not bring every message. */
function regainedTopics(view: View, before: View | undefined): readonly LiveTopic[] {
  const topics: LiveTopic[] = []
  for (const [topic, interest] of view.interests) {
    const old = before?.interests.get(topic)
    if (old === undefined || (wantsEvery(interest) && !wantsEvery(old))) topics.push(topic as LiveTopic)
  }
  return topics
}
