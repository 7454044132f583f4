import { parseSubject } from '@meridian/subjects'
import type { StoredMessage } from './history-source.ts'
import type { HubCounts } from './hub-counts.ts'
import { createLiveTopic, type LiveTopic } from './live-topic.ts'
import { createContentReader, type Message } from './message.ts'
import type { StreamOptions } from './stream.ts'

/** Every topic that was seen, by subject; numbers are given once and never again. */
export interface TopicTable {
  readonly size: number
  /**
   * Reads a message and finds its topic, or begins one. Undefined, and counted, when it cannot be read or its
   * subject is not of the form of any of ours: whoever may publish could else fill the tables with names.
   */
  read(stream: string, stored: StoredMessage): Message<LiveTopic> | undefined
  /** The same for a message of the past, whose topic need not come to life again. */
  readPast(stream: string, stored: StoredMessage): Message<LiveTopic> | undefined
  /** The ring holds a message no more: a topic of a log stream ends with its last one. */
  release(kind: StreamOptions['kind'], message: Message<LiveTopic>): void
  /**
   * Forgets what topics said up to the sequence that is given for each; undefined: nothing of it. Those that
   * have no later value end. Gives how many they were.
   */
  forget(upToOf: (topic: LiveTopic) => number | undefined): number
  /** Ends the topics that are chosen, and gives them; what the ring holds of them is still replayed. */
  end(isGone: (topic: LiveTopic) => boolean): readonly LiveTopic[]
  /** No topic of this stream has a value any more. */
  forgetValues(stream: string): void
}

/** Whom a table tells of new and ended topics, and of messages that cannot be read. */
export interface TopicTableParts {
  readonly onNew: (topic: LiveTopic) => void
  readonly onEnd: (topic: LiveTopic) => void
  readonly counts: Pick<HubCounts, 'bad'>
  readonly onBad: ((stream: string, subject: string, err: unknown) => void) | undefined
}

/** Creates an empty table; topic ids start at 1. */
export function createTopicTable({ onNew, onEnd, counts, onBad }: TopicTableParts): TopicTable {
  const topics = new Map<string, LiveTopic>()
  const readContent = createContentReader()
  let lastId = 0

  const begin = (stream: string, subject: string, uncatalogued: boolean, isPast: boolean): LiveTopic => {
    if (!isPast) parseSubject(subject)
    const topic = createLiveTopic(++lastId, subject, stream, uncatalogued)
    if (isPast) return topic
    topics.set(subject, topic)
    onNew(topic)
    return topic
  }
  const read = (stream: string, stored: StoredMessage, isPast: boolean): Message<LiveTopic> | undefined => {
    const { seq, timeUs, subject, data } = stored
    try {
      const content = readContent(subject, data, timeUs)
      const topic = topics.get(subject) ?? begin(stream, subject, content.uncatalogued, isPast)
      return { topic, seq, timeUs, content, minMax: undefined, chunks: undefined }
    } catch (err) {
      counts.bad++
      onBad?.(stream, subject, err)
      return undefined
    }
  }

  const end = (topic: LiveTopic): void => {
    topic.last = undefined
    topics.delete(topic.subject)
    onEnd(topic)
  }

  return {
    get size() {
      return topics.size
    },
    read: (stream, stored) => read(stream, stored, false),
    readPast: (stream, stored) => read(stream, stored, true),
    release(kind, { topic }) {
      topic.held--
      if (kind !== 'log' || topic.held > 0 || topics.get(topic.subject) !== topic) return
      topics.delete(topic.subject)
      onEnd(topic)
    },
    forget(upToOf) {
      let ended = 0
      for (const topic of [...topics.values()]) {
        const upTo = upToOf(topic)
        if (upTo === undefined) continue
        topic.forgottenUpTo = Math.max(topic.forgottenUpTo, upTo)
        if (topic.last !== undefined && topic.last.seq > upTo) continue
        end(topic)
        ended++
      }
      return ended
    },
    end(isGone) {
      const gone = [...topics.values()].filter(isGone)
      for (const topic of gone) end(topic)
      return gone
    },
    forgetValues(stream) {
      for (const topic of topics.values()) if (topic.stream === stream) topic.last = undefined
    }
  }
}
