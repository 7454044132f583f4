import { matches, type Pattern } from '@meridian/subjects'
import { type Gap, gapOf } from './holes.ts'
import type { LiveTopic } from './live-topic.ts'
import type { Message } from './message.ts'

/** What is known of a stream behind a cursor. */
export interface BehindCursor {
  /** Sequence of the cursor: the client has everything up to it. */
  readonly after: number
  /** Up to here messages were read from the stream; behind it the ring has all. */
  readonly edge: number
  /** Messages that the stream keeps of one subject. */
  readonly maxPerSubject: number
  /** What was read from the stream, perhaps with more subjects than are wanted. */
  readonly messages: readonly Message[]
  readonly patterns: readonly Pattern[]
  /** The topics under the patterns, with the messages that the ring holds of each. */
  readonly topics: ReadonlySet<LiveTopic>
}

interface Kept {
  count: number
  /** The first of its messages that was read. */
  first: number
}

/**
 * What a limit per subject may have dropped behind a cursor: of a subject with as many messages since the
 * cursor as the stream keeps, everything before the oldest of them. Undefined: nothing.
 */
export function findLostToLimit(behind: BehindCursor): Gap | undefined {
  const { after, edge, maxPerSubject, messages, patterns, topics } = behind
  if (messages.length + mostHeld(topics) < maxPerSubject) return undefined
  const kept = new Map<string, Kept>()
  for (const { seq, topic } of messages) if (seq > after && seq <= edge) count(kept, topic.subject, seq)
  for (const { subject, held } of topics) {
    const known = kept.get(subject)
    if (known !== undefined) known.count += held
    else if (held >= maxPerSubject) kept.set(subject, { count: held, first: edge + 1 })
  }
  const isFull = ({ count, first }: Kept): boolean => count >= maxPerSubject && first > after + 1
  const full = [...kept].filter(
    ([subject, known]) => isFull(known) && patterns.some(pattern => matches(pattern, subject))
  )
  if (full.length === 0) return undefined
  // Not by arguments of Math.max: there may be more subjects than a call takes.
  const to = full.reduce((most, [, { first }]) => Math.max(most, first - 1), after)
  return gapOf(
    { from: after + 1, to },
    full.map(([subject]) => subject)
  )
}

/** Messages that the ring holds of the topic of which it holds most. */
function mostHeld(topics: Iterable<LiveTopic>): number {
  let most = 0
  for (const { held } of topics) most = Math.max(most, held)
  return most
}

function count(kept: Map<string, Kept>, subject: string, seq: number): void {
  const known = kept.get(subject)
  if (known === undefined) kept.set(subject, { count: 1, first: seq })
  else known.count++
}
