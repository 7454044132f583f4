import { type Cursor, epochMark, type Position } from '@meridian/protocol/live'
import type { Pattern } from '@meridian/subjects'
import type { Backfill, Backfills } from './backfill.ts'
import type { Asker } from './fair-queue.ts'
import type { HistorySource, StoredRange } from './history-source.ts'
import { type Gap, joinGaps } from './holes.ts'
import type { LiveTopic } from './live-topic.ts'
import { findLostToLimit } from './lost-to-limit.ts'
import type { Message } from './message.ts'
import { findRemoved, unlessForgotten } from './removed.ts'
import { beginReadLog, type Stream } from './stream.ts'
import { type SubscribedPattern, wantsEvery } from './subscribed-pattern.ts'
import { mayRead, streamsRead } from './views.ts'

/**
 * What becomes of one stream of a cursor [docs/nats.md#resuming]. snapshot: last values; `reset` when the
 * stream is not the one of the cursor. replay: everything after the cursor that is still there, first
 * `messages`, then what the ring holds after `upTo`; what is not there any more lies inside `gap`.
 */
export type Plan =
  | { readonly kind: 'snapshot'; readonly reset: boolean }
  | {
      readonly kind: 'replay'
      readonly after: number
      readonly messages: readonly Message[]
      readonly upTo: number
      readonly gap: Gap | undefined
    }

type Replay = Extract<Plan, { kind: 'replay' }>

/** What becomes of each stream that a resume reads. */
export type Plans = ReadonlyMap<Stream, Plan>

/** What planning a resume reads and asks, and for how long. */
export interface PlanParts {
  readonly streams: ReadonlyMap<string, Stream>
  readonly source: HistorySource
  readonly backfills: Backfills<Message>
  /** What to ask a stream for so that all that patterns match is in the answer, once it is its turn. */
  readonly filtersOf: (patterns: readonly Pattern[]) => readonly string[] | Promise<readonly string[]>
  /** The topics under a pattern. */
  readonly topicsOf: (pattern: Pattern) => Iterable<LiveTopic>
  /** How long a follower that lags may stand still while a resume waits for it. */
  readonly lagMs: number
  /** Whose turn reads of streams take. */
  readonly asker: Asker
  /** Whether somebody still waits for the plan. */
  readonly isWanted: () => boolean
}

const RESET: Plan = { kind: 'snapshot', reset: true }
const LAG_STEP_MS = 25
/** A follower that stands still for so long is behind: what it has not read is asked of the stream itself. */
const BEHIND_MS = 500
/** The part of the ring that is read from the stream as well: the ring moves on while the stream is read. */
const OVERLAP = 1 / 8

/**
 * Finds out how each stream of which `patterns` read every message continues from a cursor. Never throws:
 * what the broker cannot be asked for is a gap.
 */
export async function planResume(
  cursor: Cursor,
  patterns: readonly SubscribedPattern[],
  parts: PlanParts
): Promise<Plans> {
  const plans = streamsRead(patterns, parts.streams).map(async stream => {
    const position = cursor[stream.name]
    if (position === undefined) return [stream, { kind: 'snapshot', reset: false }] as const
    const read = patterns.filter(p => wantsEvery(p) && mayRead(p, stream)).map(p => p.pattern)
    return [stream, await planStream(stream, position, read, parts)] as const
  })
  return new Map(await Promise.all(plans))
}

/** Plans made some time ago, held against how things are now: what has left the ring meanwhile is a gap. */
export const upToDate = (plans: Plans, cursor: Cursor): Plans =>
  new Map([...plans].map(([stream, plan]) => [stream, upToDatePlan(stream, plan, cursor)]))

function upToDatePlan(stream: Stream, plan: Plan, cursor: Cursor): Plan {
  if (plan.kind !== 'replay') return plan
  const epoch = stream.epoch === undefined ? undefined : epochMark(stream.epoch)
  if (epoch !== cursor[stream.name]?.epoch) return RESET
  const ringEdge = edgeOf(stream)
  const unread = plan.upTo < ringEdge ? { from: plan.upTo + 1, to: ringEdge } : undefined
  const gap = joinGaps([plan.gap, stream.holes.after(plan.after), unread])
  return { ...plan, upTo: Math.min(Math.max(plan.upTo, ringEdge), stream.seq), gap }
}

/** The last number before those that the ring holds. */
const edgeOf = ({ ring, seq }: Stream): number => (ring.from ?? seq + 1) - 1

async function planStream(
  stream: Stream,
  position: Position,
  patterns: readonly Pattern[],
  parts: PlanParts
): Promise<Plan> {
  const { seq } = position
  try {
    if (isOtherEpoch(stream, position)) return RESET
    if (seq > stream.seq) {
      const behind = await waitForHead(stream, position, parts)
      if (behind !== undefined) return behind
    }
    return fromRing(stream, position) ?? (await fromStream(stream, position, patterns, parts))
  } catch {
    // Only the ring is left.
    return { kind: 'replay', after: seq, messages: [], upTo: seq, gap: undefined }
  }
}

const isOtherEpoch = (stream: Stream, position: Position): boolean =>
  stream.epoch === undefined || epochMark(stream.epoch) !== position.epoch

/**
 * The cursor is ahead of us: either we lag, or the log was rolled back. Where we lag, nothing is lost: the
 * resume goes on when the follower has come so far. Last values without it would be older than the client's,
 * and what the follower reads meanwhile would come to the client a second time. While the stream cannot be
 * asked, nobody knows which of both it is, and nothing new comes either: the resume waits for the broker.
 */
async function waitForHead(stream: Stream, position: Position, parts: PlanParts): Promise<Plan | undefined> {
  const { seq } = position
  while (parts.isWanted() && !(await reachesWithin(stream, seq, Math.min(parts.lagMs, BEHIND_MS)))) {
    const lastSeq = await lastSeqOf(stream, parts)
    if (lastSeq === undefined) continue
    if (lastSeq < seq) return RESET
    if (!(await hasReached(stream, seq, parts.lagMs))) return { kind: 'snapshot', reset: false }
  }
  return isOtherEpoch(stream, position) ? RESET : undefined
}

/** The last number that the stream has stored; undefined where it cannot be asked. */
const lastSeqOf = ({ name }: Stream, { source }: PlanParts): Promise<number | undefined> =>
  source.range(name).then(
    ({ lastSeq }) => lastSeq,
    () => undefined
  )

/** Waits so long for the follower, also while it moves: a log that grows may never come to a wrong number. */
async function reachesWithin(stream: Stream, seq: number, mostMs: number): Promise<boolean> {
  for (let ms = 0; stream.seq < seq && stream.epoch !== undefined; ms += LAG_STEP_MS) {
    if (ms >= mostMs) return false
    await new Promise(resolve => setTimeout(resolve, LAG_STEP_MS))
  }
  return true
}

/** Waits for the follower; false where it stood still for so long before it came there, true after a reset. */
async function hasReached(stream: Stream, seq: number, mostMs: number): Promise<boolean> {
  let seen = stream.seq
  for (let stillMs = 0; stream.seq < seq && stream.epoch !== undefined; stillMs += LAG_STEP_MS) {
    if (stream.seq !== seen) stillMs = 0
    if (stillMs >= mostMs) return false
    seen = stream.seq
    await new Promise(resolve => setTimeout(resolve, LAG_STEP_MS))
  }
  return true
}

function fromRing(stream: Stream, { seq, ts }: Position): Plan | undefined {
  const atHead = seq === stream.seq
  if (!atHead && !stream.ring.covers(seq)) return undefined
  const anchor = atHead ? stream : stream.ring.anchorAt(seq)
  if (anchor === undefined) return undefined
  return isAnchor(anchor.timeUs, ts)
    ? { kind: 'replay', after: seq, messages: [], upTo: seq, gap: undefined }
    : RESET
}

/** Both know the time and it differs: another message took this number. */
const isAnchor = (storedUs: number, ts: number): boolean => ts === 0 || storedUs === 0 || storedUs === ts

async function fromStream(
  stream: Stream,
  position: Position,
  patterns: readonly Pattern[],
  parts: PlanParts
): Promise<Plan> {
  const { seq, ts } = position
  const storedUs = await parts.source.storedAt(stream.name, seq)
  if (storedUs !== undefined && !isAnchor(storedUs, ts)) return RESET
  const part = await readBehind(stream, seq, patterns, parts)
  // Asked behind the read: what the stream drops while it is read is lost as well.
  const range = await parts.source.range(stream.name)
  stream.limits.note(range.maxPerSubject, range.lastSeq)
  beginReadLog(stream)
  const replay: Replay = {
    kind: 'replay',
    after: seq,
    messages: part.messages,
    upTo: part.upTo,
    gap: undefined
  }
  const lost = await lostToLimit(stream, replay, patterns, { ...parts, ...range })
  const removed = await findRemoved(stream, { after: seq, ...part, patterns }, range, parts.source)
  if (isOtherEpoch(stream, position)) return RESET
  const isCertain = stream.kind === 'state' || storedUs !== undefined || seq < range.firstSeq
  const gap = joinGaps([
    await unlessForgotten(stream, lostAtHead(replay, range), range, parts.source),
    isCertain ? undefined : { from: seq + 1, to: Math.max(part.upTo, seq + 1) },
    lost,
    removed
  ])
  return { ...replay, gap }
}

async function readBehind(
  stream: Stream,
  after: number,
  patterns: readonly Pattern[],
  { backfills, asker, filtersOf, isWanted }: PlanParts
): Promise<Backfill<Message>> {
  const subjects = await filtersOf(patterns)
  const edge = edgeOf(stream)
  return backfills.read({
    stream: stream.name,
    ...{ subjects, asker, isWanted },
    fromSeq: after + 1,
    leastSeq: edge,
    toSeq: edge + Math.ceil((stream.seq - edge) * OVERLAP)
  })
}

/** What the stream dropped at its head: up to its first message, or to the first that was read. */
function lostAtHead({ after, messages }: Replay, { firstSeq }: StoredRange): Gap | undefined {
  const first = messages.find(({ seq }) => seq > after)?.seq ?? firstSeq
  const to = Math.min(firstSeq, first) - 1
  return to > after ? { from: after + 1, to } : undefined
}

/**
 * What the limit per subject may have dropped behind the cursor, by all that the stream holds: up to the ring
 * what was read, then the ring, or, where the follower is behind, everything as the stream has it.
 */
async function lostToLimit(
  stream: Stream,
  { after, messages, upTo }: Replay,
  patterns: readonly Pattern[],
  parts: PlanParts & StoredRange
): Promise<Gap | undefined> {
  const maxPerSubject = stream.limits.leastSince(after)
  if (maxPerSubject === Number.POSITIVE_INFINITY) return undefined
  const behind = { after, maxPerSubject, patterns }
  // It never comes there where the last message was removed: the stream tells that as well.
  if (!(await hasReached(stream, parts.lastSeq, Math.min(parts.lagMs, BEHIND_MS)))) {
    const { lastSeq, asker, isWanted } = parts
    const range = { stream: stream.name, subjects: await parts.filtersOf(patterns), fromSeq: after + 1 }
    const all = await parts.backfills.read({ ...range, leastSeq: lastSeq, toSeq: lastSeq, asker, isWanted })
    if (all.upTo < lastSeq) return { from: after + 1, to: lastSeq }
    return findLostToLimit({ ...behind, edge: lastSeq, messages: all.messages, topics: new Set() })
  }
  const edge = edgeOf(stream)
  // A part that was not read to its end does not tell what was dropped before it.
  if (upTo < edge) return { from: after + 1, to: edge }
  return findLostToLimit({ ...behind, edge, messages, topics: topicsIn(stream, patterns, parts.topicsOf) })
}

function topicsIn(
  stream: Stream,
  patterns: readonly Pattern[],
  topicsOf: PlanParts['topicsOf']
): ReadonlySet<LiveTopic> {
  const topics = new Set<LiveTopic>()
  for (const pattern of patterns)
    for (const topic of topicsOf(pattern)) if (topic.stream === stream.name) topics.add(topic)
  return topics
}
