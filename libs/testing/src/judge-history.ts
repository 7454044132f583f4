import type { HistoryReport, Promised, ToldGap } from './history-report.ts'
import type { PublishedMessage } from './publication-log.ts'

/** What a receiver got between two moments at which it was told to begin anew. */
export interface Stretch {
  /** Why it began; undefined: it is the first one, to which everything published is owed. */
  readonly began: 'reset' | 'snapshot' | undefined
  /** Ids by subject, in the order of their arrival. */
  readonly received: ReadonlyMap<string, readonly string[]>
  readonly gaps: readonly ToldGap[]
}

/** One subject of a history. */
export interface SubjectHistory {
  readonly subject: string
  readonly published: readonly PublishedMessage[]
  readonly stretches: readonly Stretch[]
  readonly promised: Promised
}

/** A report while it is made. */
type Draft = {
  -readonly [K in keyof HistoryReport]: HistoryReport[K] extends number ? number : string[]
}

/** Adds what one subject has to say to a report. */
export function judgeSubject(history: SubjectHistory, report: Draft): void {
  const { subject, published, stretches } = history
  const positions = new Map(published.map(({ id }, position) => [id, position]))
  report.published += published.length
  let highest = -1
  for (const [at, stretch] of stretches.entries()) {
    const ids = stretch.received.get(subject) ?? []
    report.received += ids.length
    if (stretch.began === 'reset') highest = -1
    highest = judgeOrder({ ...history, positions, ids, highest }, report)
    if (history.promised === 'all') judgeLoss(history, { at, seen: positionsOf(ids, positions) }, report)
  }
  judgeEnd(history, report)
}

const positionsOf = (ids: readonly string[], positions: ReadonlyMap<string, number>): Set<number> =>
  new Set(ids.flatMap(id => positions.get(id) ?? []))

interface OrderParts extends SubjectHistory {
  readonly positions: ReadonlyMap<string, number>
  readonly ids: readonly string[]
  /** The highest position that the receiver had before this stretch. */
  readonly highest: number
}

/** Judges one stretch by itself; gives the highest position that the receiver has seen of this log. */
function judgeOrder({ subject, published, positions, ids, ...parts }: OrderParts, report: Draft): number {
  const seen = new Set<string>()
  let { highest } = parts
  let cutIn: number | undefined
  for (const id of ids) {
    const position = positions.get(id) ?? -1
    const message = published[position]
    const fault = seen.has(id) ? 'duplicated' : faultOf(message, { isBack: position < highest, cutIn })
    if (fault !== undefined) report[fault].push(`${subject}: ${id}`)
    seen.add(id)
    highest = Math.max(highest, position)
    cutIn ??= message?.cutIn
  }
  return highest
}

function faultOf(
  message: PublishedMessage | undefined,
  { isBack, cutIn }: { readonly isBack: boolean; readonly cutIn: number | undefined }
): 'unknown' | 'inverted' | 'untold' | undefined {
  if (message === undefined) return 'unknown'
  if (isBack) return 'inverted'
  return cutIn !== undefined && message.era >= cutIn ? 'untold' : undefined
}

/** Which messages a stretch owes, and which of them came in no way. */
function judgeLoss(
  { subject, published, stretches }: SubjectHistory,
  { at, seen }: { readonly at: number; readonly seen: ReadonlySet<number> },
  report: Draft
): void {
  const { began, gaps } = stretches[at] as Stretch
  const from = began === undefined ? 0 : Math.min(...seen, published.length)
  const to = at === stretches.length - 1 ? published.length - 1 : Math.max(...seen, -1)
  for (let position = from; position <= to; position++) {
    const message = published[position] as PublishedMessage
    if (seen.has(position)) continue
    if (isCutForTold(message, stretches, at) || isTold(gaps, subject, message.seq)) report.told++
    else report.lost.push(`${subject}: ${message.id}`)
  }
}

// What a cut removed is excused by a reset: the one that the stretch began with, or one that follows.
const isCutForTold = ({ cutIn }: PublishedMessage, stretches: readonly Stretch[], at: number): boolean =>
  cutIn !== undefined && stretches.slice(at).some(({ began }) => began === 'reset')

const isTold = (gaps: readonly ToldGap[], subject: string, seq: number | undefined): boolean =>
  seq !== undefined &&
  gaps.some(
    ({ from, to, subjects }) =>
      from <= seq && seq <= to && (subjects === undefined || subjects.includes(subject))
  )

/** Whether the receiver ends with the true last value, or was told why it cannot. */
function judgeEnd({ subject, published, stretches, promised }: SubjectHistory, report: Draft): void {
  const last = published.findLast(({ cutIn }) => cutIn === undefined)
  if (last === undefined) return
  const anew = stretches.findLastIndex(({ began }) => began === 'reset')
  const since = stretches.slice(Math.max(anew, 0))
  const ids = since.flatMap(({ received }) => received.get(subject) ?? [])
  if (ids.at(-1) === last.id) return
  if (
    isTold(
      since.flatMap(({ gaps }) => gaps),
      subject,
      last.seq
    )
  ) {
    if (promised === 'latest') report.told++
    return
  }
  addOnce(report[ids.includes(last.id) ? 'stale' : 'lost'], `${subject}: ${last.id}`)
}

function addOnce(faults: string[], fault: string): void {
  if (!faults.includes(fault)) faults.push(fault)
}
