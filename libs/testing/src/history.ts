import type { HistoryReport, Promised, ToldGap } from './history-report.ts'
import { judgeSubject, type Stretch } from './judge-history.ts'
import { createPublicationLog, type PublicationLog } from './publication-log.ts'

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
