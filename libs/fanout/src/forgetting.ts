import { matches, splitPattern } from '@meridian/subjects'
import type { Deliveries } from './deliveries.ts'
import type { Forgotten, HistorySource } from './history-source.ts'
import type { LiveTopic } from './live-topic.ts'
import { type Stream, streamNamed } from './stream.ts'
import type { TopicTable } from './topic-table.ts'

/** How a hub forgets what was removed from its streams. */
export interface Forgetting {
  /**
   * Names under these patterns were removed from the streams, up to a sequence of each: their topics end, unless
   * they have said something behind it, which stays. Without a sequence of a stream everything is gone. Gives
   * how many topics end.
   */
  forget(patterns: readonly string[], upTo?: ReadonlyMap<string, number>): number
  /**
   * The stream holds messages of these subjects alone: its other topics end, unless their last value came
   * behind `lastSeq`. What the ring holds of them is replayed, but for what was forgotten. Gives how many they
   * were, once the notes of what was forgotten are read.
   */
  keepOnly(stream: string, held: HeldSubjects): Promise<number>
}

/** The subjects of a stream at one moment, with its last sequence then. */
export interface HeldSubjects {
  readonly subjects: ReadonlySet<string>
  readonly lastSeq: number
}

/** What forgets, and where it is noted what was forgotten. */
export interface ForgettingParts {
  readonly streams: ReadonlyMap<string, Stream>
  readonly topics: TopicTable
  readonly deliveries: Pick<Deliveries, 'settle'>
  readonly history: Pick<HistorySource, 'forgotten'>
}

/** The forgetting of these streams; `keepOnly` throws a RangeError for another one. */
export function createForgetting({ streams, topics, deliveries, history }: ForgettingParts): Forgetting {
  return {
    forget(patterns, upTo) {
      deliveries.settle()
      const gone = patterns.map(splitPattern)
      return topics.forget(({ stream, subject }) =>
        gone.some(pattern => matches(pattern, subject))
          ? (upTo?.get(stream) ?? Number.POSITIVE_INFINITY)
          : undefined
      )
    },
    async keepOnly(name, { subjects, lastSeq }) {
      deliveries.settle()
      const stream = streamNamed(streams, name)
      const isGone = ({ stream, subject, last }: LiveTopic): boolean =>
        stream === name && !subjects.has(subject) && (last?.seq ?? 0) <= lastSeq
      const ended = topics.end(isGone)
      stream.forgotten = await forgottenOf(stream, history)
      passForgotten(ended, stream.forgotten)
      return ended.length
    }
  }
}

/** The notes of a stream; undefined where they cannot be read. */
async function forgottenOf(
  { name, epoch }: Stream,
  history: Pick<HistorySource, 'forgotten'>
): Promise<Forgotten | undefined> {
  return epoch === undefined ? undefined : history.forgotten(name, epoch).catch(() => undefined)
}

/** Replays nothing of ended topics that was forgotten. */
function passForgotten(ended: readonly LiveTopic[], forgotten: Forgotten | undefined): void {
  for (const topic of ended)
    topic.forgottenUpTo = Math.max(topic.forgottenUpTo, forgotten?.upToOf(topic.subject) ?? 0)
}
