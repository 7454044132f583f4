import type { Code } from '@meridian/errors'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import type { SourceFault } from '../sources/source.ts'

/** Classes of subjects that a producer writes. */
export const SAMPLE_CLASSES = ['tel', 'evt', 'hb', 'script'] as const
/** One of the classes of subjects that a producer writes. */
export type SampleClass = (typeof SAMPLE_CLASSES)[number]

/** Why something became no sample, or a field no part of one. */
export type RejectCode = SourceFault | Extract<Code, 'PRD_BAD_KEY' | 'PRD_TOO_MANY_NAMES' | 'PRD_BAD_FIELD'>
/** Every reason for leaving something out. */
export const REJECT_CODES: readonly RejectCode[] = [
  'PRD_BAD_SUBJECT',
  'PRD_BAD_PAYLOAD',
  'SAL_BAD_MESSAGE',
  'SAL_BAD_SCHEMA',
  'SAL_NO_SCHEMA',
  'PRD_BAD_KEY',
  'PRD_TOO_MANY_NAMES',
  'PRD_BAD_FIELD'
]

/** What a producer counts by itself; the hot path adds, the metrics read. */
export interface Counts {
  readonly samples: Record<SampleClass, number>
  readonly rejected: Record<RejectCode, number>
  /** Samples that a source read again and the streams had. */
  stored: number
  /**
   * Counts something left out. Each topic and reason is logged once; what names no topic, and what comes after
   * a thousand of them, at most once in ten seconds per code.
   */
  reject(code: RejectCode, facts: Readonly<Record<string, unknown>>): void
  /** Notes the age of a sample at its reading, in seconds. */
  lag(seconds: number): void
  /** The largest age of the last ten to twenty seconds. */
  worstLagSeconds(): number
}

const WINDOW_MS = 10_000

/** Makes the counters of a process, all zero. */
export function createCounts(log: Logger, clock: Clock): Counts {
  const rejected = Object.fromEntries(REJECT_CODES.map(code => [code, 0])) as Record<RejectCode, number>
  const mayLog = createLogLimit(clock)
  const worst = { now: 0, before: 0, sinceMs: clock.steadyMs() }
  const turn = (): void => {
    const nowMs = clock.steadyMs()
    if (nowMs - worst.sinceMs < WINDOW_MS) return
    worst.before = nowMs - worst.sinceMs < 2 * WINDOW_MS ? worst.now : 0
    worst.now = 0
    worst.sinceMs = nowMs
  }
  return {
    samples: { tel: 0, evt: 0, hb: 0, script: 0 },
    rejected,
    stored: 0,
    reject(code, facts) {
      rejected[code]++
      if (mayLog(code, facts)) log.warn({ code, total: rejected[code], ...facts }, 'left out')
    },
    lag(seconds) {
      if (seconds <= worst.now) return
      turn()
      worst.now = seconds
    },
    worstLagSeconds() {
      turn()
      return Math.max(worst.now, worst.before)
    }
  }
}

const MAX_LOGGED = 1_000

/**
 * Says whether a rejection is still to be logged. Unlike the limit in time of the broker's library, each topic
 * and reason has its line once for good: a component that is wrong is wrong ten times a second all night.
 */
function createLogLimit(
  clock: Clock
): (code: RejectCode, facts: Readonly<Record<string, unknown>>) => boolean {
  const logged = new Set<string>()
  const loggedMs = new Map<RejectCode, number>()
  return (code, { topic, subject, field = '' }) => {
    const name = topic ?? subject
    const key = `${code} ${String(name)} ${String(field)}`
    if (logged.has(key)) return false
    if (name !== undefined && logged.size < MAX_LOGGED) return logged.add(key) !== undefined
    const nowMs = clock.steadyMs()
    if (nowMs - (loggedMs.get(code) ?? Number.NEGATIVE_INFINITY) < WINDOW_MS) return false
    loggedMs.set(code, nowMs)
    return true
  }
}
