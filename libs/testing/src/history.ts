/** Broken promises by kind; each entry starts with `subject: id`. */
export interface HistoryReport {
  readonly published: number
  readonly received: number
  /** Neither received nor inside a gap that was told. */
  readonly lost: readonly string[]
  /** Not received, but inside a gap that was told. */
  readonly told: number
  readonly duplicated: readonly string[]
  readonly inverted: readonly string[]
  /** Ids received but never published. */
  readonly unknown: readonly string[]
}

/**
 * `all`: every message, once, in order. `latest`: in order, and the last value arrives; others may be left
 * out.
 */
export type Promised = 'all' | 'latest'

/**
 * Records what was published and what one receiver got, and compares the two
 * [docs/ARCHITECTURE.md#what-a-process-owns].
 */
export interface History {
  /**
   * A message was handed to the publisher. Ids are unique within a subject; `seq` is its number in the
   * stream, without which no gap covers it.
   */
  published(subject: string, id: string, seq?: number): void
  received(subject: string, id: string): void
  /** The receiver was told that numbers of the stream may be lost: of some subjects, or of any. */
  toldGap(gap: ToldGap): void
  report(promised?: Promised): HistoryReport
  /** Throws with the first faults where the promise of the quality was broken. */
  verify(promised?: Promised): void
}

/** Numbers of a stream that may be lost; both ends belong to it. */
export interface ToldGap {
  readonly from: number
  readonly to: number
  readonly subjects?: readonly string[]
}

interface SubjectHistory {
  readonly published: Map<string, number>
  /** Numbers in the stream, where they are known. */
  readonly seqs: Map<string, number>
  readonly received: string[]
}

/** Creates a history in which nothing was published or received; one for each fault test. */
export function createHistory(): History {
  const subjects = new Map<string, SubjectHistory>()
  const gaps: ToldGap[] = []
  const of = (subject: string): SubjectHistory => {
    let history = subjects.get(subject)
    if (history === undefined) {
      history = { published: new Map(), seqs: new Map(), received: [] }
      subjects.set(subject, history)
    }
    return history
  }
  const report = (promised: Promised = 'all'): HistoryReport => judge(subjects, gaps, promised)

  return {
    published(subject, id, seq) {
      const { published, seqs } = of(subject)
      published.set(id, published.size)
      if (seq !== undefined) seqs.set(id, seq)
    },
    received(subject, id) {
      of(subject).received.push(id)
    },
    toldGap(gap) {
      gaps.push(gap)
    },
    report,
    verify(promised) {
      const faults = faultsOf(report(promised))
      if (faults.length > 0) throw new Error(`${faults.length} faults: ${faults.slice(0, 10).join('; ')}`)
    }
  }
}

function faultsOf(report: HistoryReport): string[] {
  return (['lost', 'duplicated', 'inverted', 'unknown'] as const).flatMap(kind =>
    report[kind].map(where => `${kind} ${where}`)
  )
}

function judge(
  subjects: ReadonlyMap<string, SubjectHistory>,
  gaps: readonly ToldGap[],
  promised: Promised
): HistoryReport {
  const report = {
    published: 0,
    received: 0,
    told: 0,
    lost: [] as string[],
    duplicated: [] as string[],
    inverted: [] as string[],
    unknown: [] as string[]
  }
  for (const [subject, history] of subjects) {
    report.published += history.published.size
    report.received += history.received.length
    const seen = judgeReceived(subject, history, report)
    const due = promised === 'all' ? [...history.published.keys()] : [...history.published.keys()].slice(-1)
    for (const id of due) {
      if (seen.has(id)) continue
      if (isTold(gaps, subject, history.seqs.get(id))) report.told++
      else report.lost.push(`${subject}: ${id}`)
    }
  }
  return report
}

const isTold = (gaps: readonly ToldGap[], subject: string, seq: number | undefined): boolean =>
  seq !== undefined &&
  gaps.some(
    ({ from, to, subjects }) =>
      from <= seq && seq <= to && (subjects === undefined || subjects.includes(subject))
  )

function judgeReceived(
  subject: string,
  { published, received }: SubjectHistory,
  report: { duplicated: string[]; inverted: string[]; unknown: string[] }
): Set<string> {
  const seen = new Set<string>()
  let highest = -1
  for (const id of received) {
    const position = published.get(id)
    if (seen.has(id)) report.duplicated.push(`${subject}: ${id}`)
    else if (position === undefined) report.unknown.push(`${subject}: ${id}`)
    else if (position < highest) report.inverted.push(`${subject}: ${id}`)
    seen.add(id)
    highest = Math.max(highest, position ?? -1)
  }
  return seen
}
