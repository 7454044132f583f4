import type { Encoding } from '@meridian/protocol/live'
import type { Frame } from './frame.ts'
import type { Degradation } from './ladder.ts'
import type { Interest, Outbox } from './live-topic.ts'
import type { Message, TopicName } from './message.ts'
import type { PatternSet } from './pattern-set.ts'
import type { Stream } from './stream.ts'
import type { SubscribedPattern } from './subscribed-pattern.ts'

/** One connection of a view, which gets each of the view's frames. */
export interface Member {
  send(frame: Frame): void
}

/** What a view is known by; the same for as long as it lives. */
export interface ViewIdentity {
  readonly key: string
  readonly number: number
  readonly codec: Encoding
  readonly patterns: PatternSet
  /** What its members get less than they asked for. */
  readonly degradation: Degradation
  /** Streams of which it reads every message of something: those that its cursor holds. */
  readonly streams: readonly Stream[]
}

/**
 * The same subscriptions in the same codec, shared by every connection that has them. Messages gather in it;
 * a flush makes one frame of them for all members.
 */
export interface View extends ViewIdentity, Outbox {
  readonly interests: Map<TopicName, Interest>
  readonly members: Set<Member>
  /** Some pattern chooses fields, so the projection of each message is looked up. */
  readonly isProjecting: boolean
  /** Its patterns as a member has lately subscribed to them: who has the same keeps this object, not one of its own. */
  subscriptions: ReadonlyMap<number, readonly SubscribedPattern[]> | undefined
  /** Topics that its members have not been told of. */
  unannounced: TopicName[]
  /**
   * How far its members are in each of `streams`: parts of the cursor's token, empty where the stream is
   * cold.
   */
  readonly positions: string[]
  /** The token that its members got last. */
  lastToken: string
  /** Topics that its patterns match and that are more than one connection may have. */
  leftOut: number
}

/** A view without topics and members, at no position. */
export function createView(identity: ViewIdentity, flush: (view: View, everything: boolean) => void): View {
  const { key, number, codec, patterns, degradation, streams } = identity
  const view: View = {
    key,
    number,
    codec,
    patterns,
    degradation,
    streams,
    interests: new Map(),
    members: new Set(),
    isProjecting: patterns.isProjecting,
    subscriptions: undefined,
    now: [],
    tick: [],
    latest: [],
    gaps: new Map(),
    unannounced: [],
    positions: streams.map(() => ''),
    lastToken: '',
    leftOut: 0,
    flush: everything => flush(view, everything)
  }
  return view
}

/** Whether messages wait that go out with the tick. */
export const hasTickWork = (view: View): boolean => view.tick.length > 0 || view.latest.length > 0

/** Last values of a view that still wait for their tick. */
export function* waitingValues(view: View): Iterable<readonly [Message, Interest]> {
  for (const interest of view.interests.values())
    if (interest.state === 'waiting' && interest.topic.last !== undefined)
      yield [interest.topic.last, interest]
}
