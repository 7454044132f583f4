import { AppError } from '@meridian/errors'
import type { StoredMsg } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { append } from './append.ts'
import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream.ts'
import { storedMessage } from './read-message.ts'
import { microsecondsOf, streamState } from './stream-info.ts'
import type { StreamMessage } from './stream-message.ts'
import { openPart } from './stream-part.ts'
import { MOVE_READ_TIMEOUT_MS, MOVE_WRITE_TIMEOUT_MS, STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

// Subjects change their stream and name, and each keeps its last value. For every old subject, in this order:
// read its last message; write that to the new subject, unless something newer stands there; purge the old
// subject up to that message. Whoever is killed in between and runs again finds each subject either
// untouched, or written and not yet purged, or gone, and ends in the same state. What an old producer stores
// under the old name meanwhile has a higher sequence: it is not purged, and the next pass moves it.

/** Subjects that an earlier version kept in another stream under other names. */
export interface SubjectMove {
  /** Patterns that match the old names. */
  readonly patterns: readonly string[]
  /** The stream that keeps them now. */
  readonly to: string
  /** The new name of an old one; undefined: it stays where it is. */
  readonly subjectOf: (subject: string) => string | undefined
}

/** Progress of a move between two streams. */
export interface MoveProgress {
  readonly from: string
  readonly to: string
  /** Old subjects that are gone from their old stream. */
  readonly moved: number
  /** Of `moved`: something newer stood under the new name, which was kept. */
  readonly outdated: number
}

/** Where to move subjects, and whom to tell. */
export interface MoveOptions extends SubjectMove {
  /** Stream that the subjects are moved from. */
  readonly from: string
  readonly log: Logger
  /** Called after each batch of 1,000 subjects. */
  readonly onProgress?: ((progress: MoveProgress) => void) | undefined
}

/** Subjects of one pass: so much is in memory at once. */
const BATCH = 1_000
const BATCH_BYTES = 16 * 1024 * 1024
/** Subjects that are written and purged at the same time. */
const AT_ONCE = 32
/** Header of a moved message: the time at which its old stream stored it, in microseconds. */
const STORED_US = 'Meridian-Moved-Stored-Us'

/**
 * Moves every subject that matches; resolves when a pass finds nothing to move. May be interrupted anywhere
 * and run again, also beside a process that still writes the old or already writes the new names. Throws what
 * `append` and `readStream` throw; what was moved until then is moved.
 */
export async function moveSubjects(broker: Broker, options: MoveOptions): Promise<MoveProgress> {
  const { from, to, log, onProgress } = options
  let progress: MoveProgress = { from, to, moved: 0, outdated: 0 }
  for (;;) {
    const { epoch } = await streamState(broker, from)
    const messages = await lastOfOld(broker, options)
    const outcomes = await inGroups(messages, message => moveOne(broker, options, message, epoch))
    const moved = outcomes.filter(outcome => outcome !== 'stays')
    if (moved.length === 0) break
    const outdated = moved.filter(outcome => outcome === 'outdated').length
    progress = { ...progress, moved: progress.moved + moved.length, outdated: progress.outdated + outdated }
    log.info(progress, 'subjects are being moved')
    onProgress?.(progress)
  }
  return progress
}

async function lastOfOld(
  broker: Broker,
  { from: stream, patterns }: MoveOptions
): Promise<readonly StreamMessage[]> {
  const part = await openPart(broker, { stream, subjects: patterns, from: 'last-values' })
  const { lastSeq: toSeq } = await streamState(broker, stream)
  const lasts = new Map<string, StreamMessage>()
  const bounds = { toSeq, maxMessages: BATCH, maxBytes: BATCH_BYTES, timeoutMs: MOVE_READ_TIMEOUT_MS }
  for await (const message of part.read(bounds)) lasts.set(message.subject, message)
  return [...lasts.values()]
}

async function inGroups<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < all.length; at += AT_ONCE)
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(run))))
  return results
}

async function moveOne(
  broker: Broker,
  { from, to, subjectOf, log }: MoveOptions,
  message: StreamMessage,
  epoch: string
): Promise<'moved' | 'outdated' | 'stays'> {
  const subject = subjectOf(message.subject)
  if (subject === undefined) {
    log.warn({ stream: from, subject: message.subject }, 'subject has no new name: it stays')
    return 'stays'
  }
  const id = `moved:${from}:${epoch}:${message.seq}`
  const isWritten = await writeUnlessNewer(broker, { to, subject, id, message })
  const purge = { filter: message.subject, seq: message.seq + 1 }
  await askJetStream(broker, manager => manager.streams.purge(from, purge), {
    timeoutMs: STREAM_CHANGE_TIMEOUT_MS
  })
  return isWritten ? 'moved' : 'outdated'
}

interface Write {
  readonly to: string
  readonly subject: string
  readonly id: string
  readonly message: StreamMessage
}

// The first try expects the new subject to be empty. Where it is not, the older of the two gives way: what an
// interrupted run wrote is as old as the message it came from, anything else as old as its storing.
async function writeUnlessNewer(broker: Broker, { to, subject, id, message }: Write): Promise<boolean> {
  const { data, timeUs } = message
  const headers = { [STORED_US]: String(timeUs) }
  for (let seq = 0; ; ) {
    try {
      await append(broker, { subject, data, id, headers, expect: { seq }, timeoutMs: MOVE_WRITE_TIMEOUT_MS })
      return true
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'BRK_WRONG_SEQUENCE') throw error
      const present = await storedMessage(broker, to, { last_by_subj: subject })
      if (present !== undefined && storedUsOf(present) >= timeUs) return storedUsOf(present) === timeUs
      seq = present?.seq ?? 0
    }
  }
}

const storedUsOf = ({ header, timestamp }: StoredMsg): number =>
  header.has(STORED_US) ? Number(header.last(STORED_US)) : microsecondsOf(timestamp)
