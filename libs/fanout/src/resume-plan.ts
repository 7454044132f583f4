import { type Cursor, epochMark, type Position } from '@meridian/protocol/live'
import { disjointFilters } from '@meridian/subjects'
import type { Backfills } from './backfill.ts'
import type { HistorySource } from './history-source.ts'
import type { Message } from './message.ts'
import type { Stream } from './stream.ts'
import { type SubscribedPattern, wantsEvery } from './subscribed-pattern.ts'
import { mayRead, streamsRead } from './views.ts'

/**
 * What becomes of one stream of a cursor [docs/nats.md#resuming]. resumed: everything after `after` follows,
 * first `messages`, then what the ring holds after `upTo`. snapshot: last values; `reset` when the stream is
 * not the one of the cursor. gap: last values, and these numbers are lost.
 */
export type Plan =
  | {
      readonly kind: 'resumed'
      readonly after: number
      readonly messages: readonly Message[]
      readonly upTo: number
    }
  | { readonly kind: 'snapshot'; readonly reset: boolean }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }

/** What becomes of each stream that a resume reads. */
export type Plans = ReadonlyMap<Stream, Plan>

/** What planning a resume reads and asks, and for how long. */
export interface PlanParts {
  readonly streams: ReadonlyMap<string, Stream>
  readonly source: HistorySource
  readonly backfills: Backfills<Message>
  /** How long a follower that lags behind the cursor is waited for. */
  readonly lagMs: number
}

const RESET: Plan = { kind: 'snapshot', reset: true }
const LAG_STEP_MS = 25

/**
 * Finds out how each stream of which `patterns` read every message continues from a cursor. Never throws:
 * where the broker cannot be asked, the answer is a gap.
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
    return [stream, await planStream(stream, position, disjointFilters(read), parts)] as const
  })
  return new Map(await Promise.all(plans))
}

/** Plans made some time ago, held against how things are now. */
export const upToDate = (plans: Plans, cursor: Cursor): Plans =>
  new Map([...plans].map(([stream, plan]) => [stream, upToDatePlan(stream, plan, cursor)]))

function upToDatePlan(stream: Stream, plan: Plan, cursor: Cursor): Plan {
  if (plan.kind !== 'resumed') return plan
  const epoch = stream.epoch === undefined ? undefined : epochMark(stream.epoch)
  if (epoch !== cursor[stream.name]?.epoch) return RESET
  if (plan.upTo === stream.seq || stream.ring.covers(plan.upTo)) return plan
  return { kind: 'gap', from: plan.after + 1, to: Math.max(plan.after + 1, stream.seq) }
}

async function planStream(
  stream: Stream,
  position: Position,
  filters: readonly string[],
  parts: PlanParts
): Promise<Plan> {
  try {
    if (isOtherEpoch(stream, position)) return RESET
    if (position.seq > stream.seq) {
      const behind = await waitForHead(stream, position, parts)
      if (behind !== undefined) return behind
    }
    return fromRing(stream, position) ?? (await fromStream(stream, position, filters, parts))
  } catch {
    return gapAfter(position, stream)
  }
}

const isOtherEpoch = (stream: Stream, position: Position): boolean =>
  stream.epoch === undefined || epochMark(stream.epoch) !== position.epoch

const gapAfter = (position: Position, stream: Stream): Plan => ({
  kind: 'gap',
  from: position.seq + 1,
  to: Math.max(position.seq + 1, stream.seq)
})

/** The cursor is ahead of us: either we lag, or the log was rolled back. */
async function waitForHead(stream: Stream, position: Position, parts: PlanParts): Promise<Plan | undefined> {
  for (let waited = 0; waited < parts.lagMs; waited += LAG_STEP_MS) {
    await new Promise(resolve => setTimeout(resolve, LAG_STEP_MS))
    if (isOtherEpoch(stream, position)) return RESET
    if (stream.seq >= position.seq) return undefined
  }
  const { lastSeq } = await parts.source.range(stream.name)
  return lastSeq < position.seq ? RESET : { kind: 'snapshot', reset: false }
}

function fromRing(stream: Stream, { seq, ts }: Position): Plan | undefined {
  const atHead = seq === stream.seq
  if (!atHead && !stream.ring.covers(seq)) return undefined
  const anchor = atHead ? stream : stream.ring.anchorAt(seq)
  if (anchor === undefined) return undefined
  return isAnchor(anchor.timeUs, ts) ? { kind: 'resumed', after: seq, messages: [], upTo: seq } : RESET
}

/** Both know the time and it differs: another message took this number. */
const isAnchor = (storedUs: number, ts: number): boolean => ts === 0 || storedUs === 0 || storedUs === ts

async function fromStream(
  stream: Stream,
  position: Position,
  filters: readonly string[],
  parts: PlanParts
): Promise<Plan> {
  const { seq, ts } = position
  const storedUs = await parts.source.storedAt(stream.name, seq)
  if (storedUs !== undefined && !isAnchor(storedUs, ts)) return RESET
  const { firstSeq, maxPerSubject } = await parts.source.range(stream.name)
  if (seq + 1 < firstSeq) return { kind: 'gap', from: seq + 1, to: firstSeq - 1 }
  const upTo = stream.seq
  const messages = await parts.backfills.read({
    stream: stream.name,
    subjects: filters,
    fromSeq: seq + 1,
    toSeq: upTo
  })
  if (isOtherEpoch(stream, position)) return RESET
  if (messages === undefined || !stream.ring.covers(upTo)) return gapAfter(position, stream)
  const hole = stream.kind === 'state' ? dropped(messages, seq, maxPerSubject) : undefined
  if (hole !== undefined) return { kind: 'gap', from: seq + 1, to: hole }
  if (storedUs === undefined && seq > 0 && stream.kind === 'log') return gapAfter(position, stream)
  return { kind: 'resumed', after: seq, messages, upTo }
}

/**
 * The stream may have dropped messages of a subject up to this number, when it now holds as many of it as its
 * limit allows.
 */
function dropped(messages: readonly Message[], after: number, maxPerSubject: number): number | undefined {
  const counts = new Map<string, number>()
  const firsts = new Map<string, number>()
  for (const { seq, topic } of messages) {
    if (seq <= after) continue
    const count = (counts.get(topic.subject) ?? 0) + 1
    counts.set(topic.subject, count)
    if (count === 1) firsts.set(topic.subject, seq)
    if (count >= maxPerSubject) return (firsts.get(topic.subject) as number) - 1
  }
  return undefined
}
