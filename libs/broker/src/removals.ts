import { AppError } from '@meridian/errors'
import { matches, splitPattern } from '@meridian/subjects'
import type { Broker } from './broker.ts'
import type { Position } from './follower-types.ts'
import { whyAnotherLog } from './log-identity.ts'
import { firstMessage, lastMessage } from './read-message.ts'
import { readStream } from './read-stream.ts'
import { parseRemovalNote, type RemovalNote, type SequenceRun } from './removal-note.ts'
import { epochOf, streamInfo } from './stream-info.ts'
import { LAST_VALUES_TIMEOUT_MS } from './timing.ts'

/** What `removeSubjects` has removed of one stream, as far as it is noted. */
export interface Removed {
  /** Whether message `seq` is noted. */
  has(seq: number): boolean
  /**
   * How many messages from sequence `seq` on are noted and not stored any more: who notes and is killed, or is
   * refused, removes nothing. Asks the stream, until it is so, for each note. Throws the broker's errors.
   */
  countRemoved(seq: number): Promise<number>
  /** Up to here everything of a subject is noted; 0: nothing is. */
  upToOf(subject: string): number
}

/** Reads the notes of `removeSubjects`: what was removed by hand, and is no loss for anybody. */
export interface Removals {
  /**
   * What was removed by now of the run of a stream that has this epoch (`StreamState`). A stream that was made
   * anew counts from 1 again: notes of another run say nothing of it. Nothing where no stream keeps notes.
   * Throws the broker's errors.
   */
  of(stream: string, epoch: string): Promise<Removed>
}

/** Where notes are kept: a stream, and a subject of it. */
export interface NotesPlace {
  readonly stream: string
  readonly subject: string
}

const NOTHING_READ: Position = { epoch: '', seq: 0, timeUs: 0 }

/**
 * Reads notes, each once: later questions cost one request where nothing was noted since. The notes of a
 * stream that was made anew are read as well.
 */
export function createRemovals(broker: () => Broker, { stream: kept, subject }: NotesPlace): Removals {
  const notes: RemovalNote[] = []
  const removed = new Map<string, RemovedOfRun>()
  let read = NOTHING_READ
  // A stream that was made anew counts from 1 again, and may have any number of notes by now.
  const passAnother = async (): Promise<void> => {
    const before = read
    const info = await streamInfo(broker(), kept)
    const why = await whyAnotherLog(broker(), kept, info, { ...before, mayPass: true })
    if (why !== undefined && read === before) read = { ...NOTHING_READ, epoch: epochOf(info) }
  }
  const readNew = async (): Promise<void> => {
    const last = await lastMessage(broker(), kept, subject)
    if (last === undefined || (last.seq === read.seq && last.timeUs === read.timeUs)) return
    await passAnother()
    const bounds = { maxMessages: Infinity, maxBytes: Infinity, timeoutMs: LAST_VALUES_TIMEOUT_MS }
    const part = { stream: kept, subjects: [subject], from: { seq: read.seq + 1 }, toSeq: last.seq }
    for await (const { seq, timeUs, data } of readStream(broker(), { ...part, ...bounds })) {
      if (seq <= read.seq) continue
      read = { ...read, seq, timeUs }
      const note = parseRemovalNote(new TextDecoder().decode(data))
      if (note === undefined) continue
      notes.push(note)
      removed.delete(note.stream)
    }
  }
  return {
    async of(stream, epoch) {
      await readNew().catch((error: unknown) => {
        if (AppError.from(error).code !== 'BRK_NO_STREAM') throw error
      })
      const known = removed.get(stream)
      if (known?.epoch === epoch) return known.removed
      const ofRun = notes.filter(note => note.stream === stream && note.epoch === epoch)
      const made = removedBy(ofRun, note => isDone(broker(), note))
      removed.set(stream, { epoch, removed: made })
      return made
    }
  }
}

/** What was removed of the run of a stream that was asked for last. */
interface RemovedOfRun {
  readonly epoch: string
  readonly removed: Removed
}

/** Whether nothing is stored any more of what is noted. */
async function isDone(broker: Broker, { stream, subjects, upTo }: RemovalNote): Promise<boolean> {
  for (const subject of subjects) {
    const first = await firstMessage(broker, stream, subject)
    if (first !== undefined && first.seq <= upTo) return false
  }
  return true
}

function removedBy(notes: readonly RemovalNote[], ask: (note: RemovalNote) => Promise<boolean>): Removed {
  const runs = joinRuns(notes.flatMap(note => note.runs))
  const areDone = createDoneNotes(notes, ask)
  const subjects = notes.flatMap(note =>
    note.subjects.map(text => ({ pattern: { ...splitPattern(text), keyed: false }, upTo: note.upTo }))
  )
  return {
    has(seq) {
      const run = runs[firstBehind(runs, seq)]
      return run !== undefined && run.from <= seq
    },
    async countRemoved(seq) {
      const done = joinRuns((await areDone()).flatMap(note => note.runs))
      return done.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, seq) + 1), 0)
    },
    upToOf: subject =>
      subjects.reduce(
        (most, { pattern, upTo }) => (matches(pattern, subject) ? Math.max(most, upTo) : most),
        0
      )
  }
}

/** Gives those of some notes that are done. All who ask at one moment share the answer; done is done for good. */
function createDoneNotes(
  notes: readonly RemovalNote[],
  ask: (note: RemovalNote) => Promise<boolean>
): () => Promise<readonly RemovalNote[]> {
  const done = new Set<RemovalNote>()
  let asking: Promise<void> | undefined
  const askAll = async (): Promise<void> => {
    for (const note of notes) if (!done.has(note) && (await ask(note))) done.add(note)
  }
  return async () => {
    asking ??= askAll().finally(() => {
      asking = undefined
    })
    await asking
    return [...done]
  }
}

/** Runs in order, none of which overlap. */
function joinRuns(runs: readonly SequenceRun[]): readonly SequenceRun[] {
  const joined: { from: number; to: number }[] = []
  for (const { from, to } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  return joined
}

/** Index of the first run that ends at `seq` or behind it. */
function firstBehind(runs: readonly SequenceRun[], seq: number): number {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((runs[middle] as SequenceRun).to < seq) low = middle + 1
    else high = middle
  }
  return low
}
