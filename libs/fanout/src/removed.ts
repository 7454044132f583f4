import { matches, type Pattern } from '@meridian/subjects'
import type { Forgotten, HistorySource, StoredRange } from './history-source.ts'
import { type Gap, gapOf, type Hole, joinGaps } from './holes.ts'
import type { Message } from './message.ts'
import type { MissingSubject } from './read-log.ts'
import type { Stream } from './stream.ts'

// What somebody removed from inside a stream, by a purge with a filter or by deleting messages [ADR-0017].
// A stream without a limit per subject has no other holes: the server lists them, without their subjects.
// In one with a limit per subject holes are normal, so what the follower has read is held against what is
// stored, which tells the subjects too. What was stored before the follower began is read once, without data:
// its holes count where the limit cannot explain them.

/** What a resume read of a stream behind its cursor. */
export interface ReadBehind {
  /** Sequence of the cursor. */
  readonly after: number
  /** Everything up to here was read. */
  readonly upTo: number
  readonly messages: readonly Pick<Message, 'seq'>[]
  readonly missing: readonly MissingSubject[]
  readonly patterns: readonly Pattern[]
}

/** Holes that are listed; the server lists all or none, seven bytes each. */
const MOST_LISTED = 100_000
/** How far before its begin a follower's past is read. */
const MOST_BEFORE = 20_000

/**
 * The gap of what was removed by hand behind a cursor; undefined: nothing. What `pnpm forget` removed is not
 * in it. Throws what the source throws.
 */
export async function findRemoved(
  stream: Stream,
  behind: ReadBehind,
  range: StoredRange,
  source: HistorySource
): Promise<Gap | undefined> {
  if (range.holes === 0) return undefined
  if (stream.limits.leastSince(behind.after) === Number.POSITIVE_INFINITY)
    return fromList(stream, behind, range, source)
  const missing = behind.missing.filter(
    ({ to, subject }) => to > behind.after && behind.patterns.some(pattern => matches(pattern, subject))
  )
  const unexplained = await unexplainedHoles(stream, behind, range, source)
  if (missing.length === 0 && unexplained.length === 0) return undefined
  const forgotten = await source.forgotten(stream.name, range.epoch)
  return joinGaps([
    ...missing.map(one => missingGap(one, behind.after, forgotten)),
    gapAmong(unexplained, behind, range, forgotten)
  ])
}

/** A gap without what was forgotten at its two ends, in the run of the stream that `epoch` names. */
export async function unlessForgotten(
  stream: Stream,
  gap: Gap | undefined,
  { epoch }: Pick<StoredRange, 'epoch'>,
  source: HistorySource
): Promise<Gap | undefined> {
  return gap && withoutForgotten(gap, await source.forgotten(stream.name, epoch))
}

/** The same with notes that were read before. */
export function withoutForgotten<G extends Hole>(gap: G, forgotten: Forgotten): G | undefined {
  let { from, to } = gap
  while (from <= to && forgotten.has(from)) from++
  while (to > from && forgotten.has(to)) to--
  return from > to ? undefined : { ...gap, from, to }
}

async function fromList(
  stream: Stream,
  behind: ReadBehind,
  range: StoredRange,
  source: HistorySource
): Promise<Gap | undefined> {
  const forgotten = await source.forgotten(stream.name, range.epoch)
  if (range.holes <= MOST_LISTED) {
    const holes = notForgotten(await holesOf(stream, range, source), forgotten)
    return gapAmong(holes, behind, range, forgotten)
  }
  // Too many to be listed: they may be anywhere, unless as many are forgotten.
  const isForgotten = (await forgotten.countRemoved(range.firstSeq)) === range.holes
  return isForgotten ? undefined : { from: behind.after + 1, to: behind.upTo }
}

const lostOf = new WeakMap<readonly number[], { forgotten: Forgotten; lost: readonly number[] }>()

/** Those of some holes that nobody forgot; worked out once for all who resume while nothing is added. */
function notForgotten(holes: readonly number[], forgotten: Forgotten): readonly number[] {
  const known = lostOf.get(holes)
  if (known?.forgotten === forgotten) return known.lost
  const lost = holes.filter(seq => !forgotten.has(seq))
  lostOf.set(holes, { forgotten, lost })
  return lost
}

/** The gap of holes that were not read before somebody made them. */
function gapAmong(
  holes: readonly number[],
  { after, upTo, messages }: ReadBehind,
  { firstSeq }: StoredRange,
  forgotten: Forgotten
): Gap | undefined {
  const isLost = (seq: number): boolean =>
    seq > Math.max(after, firstSeq) && seq <= upTo && !forgotten.has(seq)
  const lost = holes.filter(isLost)
  if (lost.length === 0) return undefined
  const read = new Set(messages.map(({ seq }) => seq))
  const [from, ...more] = lost.filter(seq => !read.has(seq))
  return from === undefined ? undefined : { from, to: more.at(-1) ?? from }
}

function missingGap(
  { subject, from, to }: MissingSubject,
  after: number,
  forgotten: Forgotten
): Gap | undefined {
  const first = Math.max(from, after + 1, forgotten.upToOf(subject) + 1)
  return first > to ? undefined : gapOf({ from: first, to }, [subject])
}

/** Reads of the past that are under way: thousands resume at one moment and share them. */
const reading = new WeakMap<Stream, Promise<void>>()

/** Holes before the follower's begin that no limit explains, so far back as its past may be read. */
async function unexplainedHoles(
  stream: Stream,
  { after }: ReadBehind,
  { firstSeq, maxPerSubject }: StoredRange,
  source: HistorySource
): Promise<readonly number[]> {
  const wantedFrom = Math.max(after + 1, firstSeq)
  for (let past = unreadPast(stream, wantedFrom); past !== undefined; past = unreadPast(stream, wantedFrom)) {
    const read = reading.get(stream) ?? readPast(stream, past, source).finally(() => reading.delete(stream))
    reading.set(stream, read)
    await read
  }
  return stream.readLog.unexplained(Math.min(maxPerSubject, stream.limits.leastSince(after)))
}

/** The part of the past that is not known, as far as it may be read. */
function unreadPast({ readLog }: Stream, wantedFrom: number): Hole | undefined {
  // What it has dropped of its own past is not read again.
  if (readLog.from === undefined || readLog.from > readLog.begun) return undefined
  const from = Math.max(wantedFrom, readLog.begun - MOST_BEFORE)
  return from < readLog.from ? { from, to: readLog.from - 1 } : undefined
}

async function readPast({ name, readLog }: Stream, past: Hole, source: HistorySource): Promise<void> {
  const stored = await source.subjectsIn(name, past)
  const { lastSeq } = await source.range(name)
  // Unless the log was begun anew meanwhile, of another stream.
  if (readLog.from === past.to + 1) readLog.prepend(past.from, stored, lastSeq)
}

interface Listed {
  readonly epoch: string
  readonly lastSeq: number
  readonly holes: readonly number[]
}

const listed = new WeakMap<Stream, Listed>()

/**
 * The holes inside a stream. Those that were listed before are still all where there are as many: its head may
 * pass holes, and only a removal adds some.
 */
async function holesOf(
  stream: Stream,
  range: StoredRange,
  source: HistorySource
): Promise<readonly number[]> {
  const { epoch, firstSeq, lastSeq } = range
  const known = listed.get(stream)
  const left = known?.holes.filter(seq => seq > firstSeq)
  if (known?.epoch === epoch && known.lastSeq <= lastSeq && left?.length === range.holes)
    return left.length === known.holes.length ? known.holes : left
  const holes = await source.holes(stream.name)
  listed.set(stream, { epoch, lastSeq, holes })
  return holes
}
