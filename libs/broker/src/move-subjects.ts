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
const WHOLE_PART = {
  maxMessages: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  timeoutMs: MOVE_READ_TIMEOUT_MS
}
/** Subjects without a new name that the log names; the others are counted. */
const NAMED_STAYING = 5
/** Subjects that are written and purged at the same time. */
const AT_ONCE = 32
/** Header of a moved message: the time at which its old stream stored it, in microseconds. */
const STORED_US = 'Meridian-Moved-Stored-Us'

/** The last message of an old subject, and the subject's new name. */
interface OldSubject {
  readonly message: StreamMessage
  readonly subject: string
}

/**
 * Moves every subject that matches; resolves when a pass finds nothing to move. May be interrupted anywhere
 * and run again, also beside a process that still writes the old or already writes the new names. Throws what
 * `append` and `readStream` throw; what was moved until then is moved.
 */
export async function moveSubjects(broker: Broker, options: MoveOptions): Promise<MoveProgress> {
  const { from, to, log, onProgress } = options
  const staying = new Set<string>()
  let progress: MoveProgress = { from, to, moved: 0, outdated: 0 }
  for (;;) {
    const { epoch } = await streamState(broker, from)
    const olds = await readOlds(broker, options, staying)
    if (olds.length === 0) break
    const outcomes = await inGroups(olds, old => moveOne(broker, options, old, epoch))
    const outdated = outcomes.filter(outcome => outcome === 'outdated').length
    progress = { ...progress, moved: progress.moved + olds.length, outdated: progress.outdated + outdated }
    log.info(progress, 'subjects are being moved')
    onProgress?.(progress)
  }
  warnOfStaying(log, from, staying)
  return progress
}

function warnOfStaying(log: Logger, stream: string, staying: ReadonlySet<string>): void {
  if (staying.size === 0) return
  const first = [...staying].slice(0, NAMED_STAYING)
  log.warn({ stream, subjects: staying.size, first }, 'subjects have no new name: they stay')
}

/**
 * The last messages of one batch of old subjects, in the stream's order. Those without a new name go to
 * `staying`: they take no place in the batch, or enough of them would hide what stands behind.
 */
async function readOlds(
  broker: Broker,
  { from: stream, patterns, subjectOf }: MoveOptions,
  staying: Set<string>
): Promise<readonly OldSubject[]> {
  const part = await openPart(broker, { stream, subjects: patterns, from: 'last-values' })
  const { lastSeq: toSeq } = await streamState(broker, stream)
  const olds = new Map<string, OldSubject>()
  let bytes = 0
  for await (const message of part.read({ ...WHOLE_PART, toSeq })) {
    const subject = subjectOf(message.subject)
    if (subject === undefined) staying.add(message.subject)
    else olds.set(message.subject, { message, subject })
    if (subject !== undefined) bytes += message.data.length
    if (olds.size >= BATCH || bytes >= BATCH_BYTES) break
  }
  return [...olds.values()]
}

async function inGroups<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < all.length; at += AT_ONCE)
    results.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(run))))
  return results
}

async function moveOne(
  broker: Broker,
  { from, to }: MoveOptions,
  { message, subject }: OldSubject,
  epoch: string
): Promise<'moved' | 'outdated'> {
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
