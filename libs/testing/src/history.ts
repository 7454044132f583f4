import { judgeSubject, type Stretch } from './judge-history.ts'
import { createPublicationLog, type PublicationLog } from './publication-log.ts'

/** Broken promises by kind; each entry starts with `subject: id`. */
export interface HistoryReport {
  readonly published: number
  readonly received: number
  /** Neither received nor inside a gap that was told. */
  readonly lost: readonly string[]
  /** Not received, but inside a gap that was told, or removed by what a told reset was about. */
  readonly told: number
  readonly duplicated: readonly string[]
  readonly inverted: readonly string[]
  /** Ids received but never published. */
  readonly unknown: readonly string[]
  /** The last that was received of a subject is not the last that its stream took. */
  readonly stale: readonly string[]
  /** Received of a log that was cut back, behind a message that the cut removed, without a reset between. */
  readonly untold: readonly string[]
}

/**
 * `all`: every message, once, in order. `latest`: in order, and the last value arrives; others may be left
 * out.
 */
export type Promised = 'all' | 'latest'

/**
 * Records what one receiver got, and compares it with what was published
 * [docs/ARCHITECTURE.md#what-a-process-owns].
 */
export interface History extends Pick<PublicationLog, 'published' | 'cutBack'> {
  received(subject: string, id: string): void
  /** The receiver was told that numbers of the stream may be lost: of some subjects, or of any. */
  toldGap(gap: ToldGap): void
  /**
   * The receiver was told to begin anew: last values follow, and what was published before them need not
   * come. `reset`: the stream is another one, its order starts again. `snapshot`: the same stream goes on.
   */
  beganAnew(why: 'reset' | 'snapshot'): void
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

/** The kinds of faults of a report. */
export const FAULTS = ['lost', 'duplicated', 'inverted', 'unknown', 'stale', 'untold'] as const

/**
 * Creates a history in which nothing was received; one for each receiver of a fault test. `log` is what the
 * stream took; default: a log of its own. Gaps end with a reset: the numbers behind it are others.
 */
export function createHistory(log: PublicationLog = createPublicationLog()): History {
  const stretches: MutableStretch[] = [newStretch(undefined)]
  const current = (): MutableStretch => stretches.at(-1) as MutableStretch
  const report = (promised: Promised = 'all'): HistoryReport => judge(log, stretches, promised)
  return {
    published: log.published,
    cutBack: log.cutBack,
    received(subject, id) {
      const ids = current().received.get(subject) ?? []
      ids.push(id)
      current().received.set(subject, ids)
    },
    toldGap(gap) {
      current().gaps.push(gap)
    },
    beganAnew(why) {
      stretches.push(newStretch(why))
    },
    report,
    verify(promised) {
      const made = report(promised)
      const faults = FAULTS.flatMap(kind => made[kind].map(where => `${kind} ${where}`))
      if (faults.length > 0) throw new Error(`${faults.length} faults: ${faults.slice(0, 10).join('; ')}`)
    }
  }
}

interface MutableStretch extends Stretch {
  readonly received: Map<string, string[]>
  readonly gaps: ToldGap[]
}

const newStretch = (began: Stretch['began']): MutableStretch => ({ began, received: new Map(), gaps: [] })

function judge(log: PublicationLog, stretches: readonly Stretch[], promised: Promised): HistoryReport {
  const report = {
    ...{ published: 0, received: 0, told: 0 },
    ...{ lost: [], duplicated: [], inverted: [], unknown: [], stale: [], untold: [] }
  }
  const subjects = new Set([...log.subjects(), ...stretches.flatMap(({ received }) => [...received.keys()])])
  for (const subject of subjects)
    judgeSubject({ subject, published: log.of(subject), stretches, promised }, report)
  return report
}
