// A note says what was removed from a stream on purpose. It is written before anything is removed: who is
// killed in between has noted too much, which is told to nobody, and runs again.

/** What was removed of some subjects, up to a sequence. */
export interface RemovalNote {
  readonly stream: string
  /** The run of the stream whose sequences these are: see `StreamState`. */
  readonly epoch: string
  /** Patterns as the server knows them. */
  readonly subjects: readonly string[]
  /** Of these subjects nothing is left up to here. */
  readonly upTo: number
  /** The sequences that were removed, in order. */
  readonly runs: readonly SequenceRun[]
}

/** Sequences without one missing between them: both ends belong to them. */
export interface SequenceRun {
  readonly from: number
  readonly to: number
}

/** Runs of these sequences, which rise. */
export function runsOf(sequences: readonly number[]): readonly SequenceRun[] {
  const runs: { from: number; to: number }[] = []
  for (const seq of sequences) {
    const last = runs.at(-1)
    if (last !== undefined && last.to + 1 === seq) last.to = seq
    else runs.push({ from: seq, to: seq })
  }
  return runs
}

/** JSON; of each run how many sequences it skips and how many it has, which are small numbers. */
export function encodeRemovalNote({ runs, ...note }: RemovalNote): string {
  let at = 0
  const removed = runs.flatMap(({ from, to }) => {
    const pair = [from - at, to - from + 1]
    at = to + 1
    return pair
  })
  return JSON.stringify({ ...note, removed })
}

/** Reads a note; undefined for anything else, and for one that does not say of which run of its stream it is. */
export function parseRemovalNote(text: string): RemovalNote | undefined {
  let note: unknown
  try {
    note = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof note !== 'object' || note === null) return undefined
  const { stream, epoch, subjects, upTo, removed } = note as Readonly<Record<string, unknown>>
  if (!isText(stream) || !isText(epoch) || !isSequence(upTo)) return undefined
  if (!isListOf(subjects, isText) || !isListOf(removed, isSequence)) return undefined
  return { stream, epoch, subjects, upTo, runs: decodeRuns(removed) }
}

function decodeRuns(numbers: readonly number[]): readonly SequenceRun[] {
  const runs: SequenceRun[] = []
  let at = 0
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const from = at + (numbers[i] as number)
    at = from + (numbers[i + 1] as number)
    runs.push({ from, to: at - 1 })
  }
  return runs
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isListOf = <T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[] =>
  Array.isArray(value) && value.every(isOne)
