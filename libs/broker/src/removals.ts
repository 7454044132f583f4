import { AppError } from '@meridian/errors'
import { matches, splitPattern } from '@meridian/subjects'
import type { Broker } from './broker.ts'
import { lastMessage } from './read-message.ts'
import { readStream } from './read-stream.ts'
import { parseRemovalNote, type RemovalNote, type SequenceRun } from './removal-note.ts'
import { LAST_VALUES_TIMEOUT_MS } from './timing.ts'

/** What `removeSubjects` has removed of one stream, as far as it is noted. */
export interface Removed {
  /** Whether message `seq` was among it. */
  has(seq: number): boolean
  /** How many messages from sequence `seq` on were among it. */
  countFrom(seq: number): number
  /** Up to here everything of a subject was removed; 0: nothing was. */
  upToOf(subject: string): number
}

/** The notes of `removeSubjects`. */
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

/** Reads notes, each once: later questions cost one request where nothing was noted since. */
export function createRemovals(broker: () => Broker, { stream: kept, subject }: NotesPlace): Removals {
  const notes: RemovalNote[] = []
  const removed = new Map<string, RemovedOfRun>()
  let readTo = 0
  const readNew = async (): Promise<void> => {
    const last = await lastMessage(broker(), kept, subject)
    if (last === undefined || last.seq <= readTo) return
    const bounds = { maxMessages: Infinity, maxBytes: Infinity, timeoutMs: LAST_VALUES_TIMEOUT_MS }
    const part = { stream: kept, subjects: [subject], from: { seq: readTo + 1 }, toSeq: last.seq }
    for await (const { seq, data } of readStream(broker(), { ...part, ...bounds })) {
      if (seq <= readTo) continue
      readTo = seq
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
      const made = removedBy(notes.filter(note => note.stream === stream && note.epoch === epoch))
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

function removedBy(notes: readonly RemovalNote[]): Removed {
  const runs = joinRuns(notes.flatMap(note => note.runs))
  const subjects = notes.flatMap(note =>
    note.subjects.map(text => ({ pattern: { ...splitPattern(text), keyed: false }, upTo: note.upTo }))
  )
  return {
    has(seq) {
      const run = runs[firstBehind(runs, seq)]
      return run !== undefined && run.from <= seq
    },
    countFrom(seq) {
      let count = 0
      for (let i = firstBehind(runs, seq); i < runs.length; i++) {
        const { from, to } = runs[i] as SequenceRun
        count += to - Math.max(from, seq) + 1
      }
      return count
    },
    upToOf: subject =>
      subjects.reduce(
        (most, { pattern, upTo }) => (matches(pattern, subject) ? Math.max(most, upTo) : most),
        0
      )
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
