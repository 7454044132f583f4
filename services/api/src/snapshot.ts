import {
  askPatiently,
  type Broker,
  MOST_AT_ONCE,
  messagesBySubject,
  previousMessages,
  streamState
} from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { SNAPSHOT_LIMITS, type SnapshotAnswer, type SnapshotTopic } from '@meridian/protocol/http'
import { utcMsOf } from '@meridian/time'
import { type RecordReading, readEvent } from './event-list.ts'
import { patienceOf } from './newest-first.ts'
import type { SnapshotPattern, SnapshotQuery } from './snapshot-query.ts'
import { hasRemoved } from './value-before.ts'

/** Subjects of a stream, each with how many messages of it are held. */
type Held = Map<string, number>

/** The stream, what is wanted of it, and up to which moment. */
interface Part {
  readonly stream: string
  readonly held: Held
  /** Undefined: whatever is stored. */
  readonly upTo: { readonly timeUs: number } | undefined
}

/** Asks the broker until there is an answer, or the time of the request is over. */
type Ask = <T>(ask: (broker: Broker) => Promise<T>) => Promise<T>

/**
 * What had been stored of each topic up to a moment, as far as it is still held. Throws API_TOO_MANY_TOPICS, and the
 * broker's errors.
 */
export async function readSnapshot(
  { broker, limits, signal }: RecordReading,
  { patterns, at, isNow }: SnapshotQuery
): Promise<SnapshotAnswer> {
  const patience = patienceOf(limits, signal)
  const ask: Ask = question => askPatiently(broker, () => question(broker), patience)
  const byStream = await findHeld(ask, patterns)
  const topics: SnapshotTopic[] = []
  const upTo = isNow ? undefined : { timeUs: Math.floor(utcMsOf(at)) * 1000 }
  const room = { bytes: SNAPSHOT_LIMITS.bytes as number }
  for (const [stream, held] of byStream) topics.push(...(await readPart(ask, { stream, held, upTo }, room)))
  return { at, topics: topics.sort((a, b) => (a.subject < b.subject ? -1 : 1)) }
}

async function findHeld(ask: Ask, patterns: readonly SnapshotPattern[]): Promise<Map<string, Held>> {
  const byStream = new Map<string, Held>()
  for (const { stream, filters, named } of patterns) {
    const held = byStream.get(stream) ?? new Map<string, number>()
    byStream.set(stream, held)
    let found = 0
    for (const filter of filters)
      for (const [subject, count] of await ask(broker => messagesBySubject(broker, stream, filter))) {
        held.set(subject, count)
        found++
      }
    if (found === 0 && named !== undefined) held.set(named, 0)
    assertFew(byStream)
  }
  return byStream
}

function assertFew(byStream: ReadonlyMap<string, Held>): void {
  const limit = SNAPSHOT_LIMITS.topics
  const count = [...byStream.values()].reduce((sum, { size }) => sum + size, 0)
  if (count <= limit) return
  throw new AppError('API_TOO_MANY_TOPICS', { detail: `${count} topics or more; at most ${limit}`, limit })
}

async function readPart(ask: Ask, part: Part, room: { bytes: number }): Promise<readonly SnapshotTopic[]> {
  const { stream, held, upTo } = part
  const subjects = [...held.keys()]
  const values = new Map<string, SnapshotTopic>()
  for (let from = 0; from < subjects.length; from += MOST_AT_ONCE) {
    const some = { subjects: subjects.slice(from, from + MOST_AT_ONCE), upTo }
    for (const message of await ask(broker => previousMessages(broker, stream, some))) {
      room.bytes -= message.data.length
      const event = readEvent(message)
      values.set(
        message.subject,
        event === undefined ? { subject: message.subject, state: 'unknown' } : { state: 'value', ...event }
      )
    }
    assertRoom(room)
  }
  if (values.size === held.size) return [...values.values()]
  // Read behind the values: what was removed meanwhile is not taken for what never was.
  const state = await ask(broker => streamState(broker, stream))
  return subjects.map(subject => {
    const isLost = hasRemoved(state, held.get(subject) ?? 0)
    return values.get(subject) ?? { subject, state: isLost ? 'unknown' : 'none' }
  })
}

function assertRoom({ bytes }: { readonly bytes: number }): void {
  const limit = SNAPSHOT_LIMITS.bytes
  if (bytes < 0)
    throw new AppError('API_TOO_MANY_TOPICS', { detail: `samples of ${limit} bytes at most`, limit })
}
