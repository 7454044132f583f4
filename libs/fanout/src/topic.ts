import type { Projection } from '@meridian/msgpack'
import { headOf } from './chunk.ts'
import type { Message, TopicName } from './message.ts'
import type { PatternUse } from './pattern-index.ts'
import type { View } from './view.ts'

/** A subject that was seen, with its last value and everybody who wants its messages. */
export interface Topic extends TopicName {
  last: Message<Topic> | undefined
  /** Messages of it that the ring holds; a topic of a log stream ends with the last of them. */
  held: number
  readonly all: Entry[]
  readonly latest: Entry[]
  /** Patterns in use that match it. */
  readonly patterns: Set<PatternUse>
}

/** What one view wants of one topic. */
export interface Entry {
  readonly view: View
  readonly topic: Topic
  readonly all: boolean
  readonly periodTicks: number
  readonly projection: Projection | undefined
  /** Tick of its last delivery. */
  sentTick: number
  /** A value waits for its tick. */
  waiting: boolean
  /** Its view is gone. */
  gone: boolean
  /** Place in the topic's list. */
  at: number
}

/** A topic nobody has heard of yet. */
export const createTopic = (id: number, subject: string, stream: string, uncatalogued: boolean): Topic => ({
  id,
  subject,
  uncatalogued,
  stream,
  head: headOf(id),
  last: undefined,
  held: 0,
  all: [],
  latest: [],
  patterns: new Set()
})

/** Puts an entry into its topic's list. */
export function addEntry(entry: Entry): void {
  const list = entry.all ? entry.topic.all : entry.topic.latest
  entry.at = list.length
  list.push(entry)
}

/** Takes an entry out of its topic's list; the last one takes its place. */
export function removeEntry(entry: Entry): void {
  entry.gone = true
  const list = entry.all ? entry.topic.all : entry.topic.latest
  const last = list.pop()
  if (last === undefined || last === entry) return
  list[entry.at] = last
  last.at = entry.at
}
