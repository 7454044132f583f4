import { utcMsOf } from '@meridian/time'
import { isInstant } from '../format/stamp.ts'

/** Severities of Watcher alarms as the page spells them, by SAL's number [docs/sal.md#keyed-topics]. */
export const ALARM_LABELS: Readonly<Record<number, string>> = {
  1: 'none',
  2: 'WARNING',
  3: 'SERIOUS',
  4: 'CRITICAL'
}

/** One alarm as the page shows it. Times are TAI seconds of the observatory. */
export interface Alarm {
  readonly name: string
  readonly severity: number
  readonly maxSeverity: number
  readonly reason: string
  readonly acknowledged: boolean
  readonly acknowledgedBy: string
  readonly muted: boolean
  /** When it was raised. */
  readonly raised: number
  /** When its cause went away; undefined while it is there. */
  readonly cleared: number | undefined
  /** When the page last heard of it. */
  readonly time: number
}

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A stamp that an event may leave out, as 0; what is no instant counts as left out too. */
const stampOf = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 && isInstant(utcMsOf(value)) ? value : undefined

/** What an alarm says of its times, or what its events tell where it does not. */
function timesOf(fields: Readonly<Record<string, unknown>>, isRaised: boolean, time: number, before?: Alarm) {
  const wasRaised = before !== undefined && before.cleared === undefined
  const raised =
    stampOf(fields['timestampSeverityOldest']) ?? (wasRaised || !isRaised ? before?.raised : time)
  const cleared = wasRaised ? time : (before?.cleared ?? time)
  return {
    raised: raised ?? time,
    cleared: isRaised ? undefined : (stampOf(fields['timestampSeverityNewest']) ?? cleared)
  }
}

/**
 * An alarm out of the fields of `Watcher.alarm`, received at `time`; `before` is what was known of it. The
 * Watcher's own clock says since when, where it says so.
 */
export function alarmOf(fields: Readonly<Record<string, unknown>>, time: number, before?: Alarm): Alarm {
  const severity = numberOf(fields['severity'], 1)
  return {
    name: textOf(fields['name']),
    severity,
    maxSeverity: numberOf(fields['maxSeverity'], severity),
    reason: textOf(fields['reason']),
    acknowledged: fields['acknowledged'] === true,
    acknowledgedBy: textOf(fields['acknowledgedBy']),
    muted: numberOf(fields['mutedSeverity'], 0) >= severity && severity > 1,
    ...timesOf(fields, severity > 1, time, before),
    time
  }
}

/** An alarm is open while it is raised, or was and nobody acknowledged it. */
const isOpen = (alarm: Alarm): boolean => alarm.severity > 1 || (alarm.maxSeverity > 1 && !alarm.acknowledged)

/** Open alarms: not muted first, then the most severe, the unacknowledged, the newest. */
export const openAlarms = (alarms: Iterable<Alarm>): readonly Alarm[] =>
  [...alarms]
    .filter(isOpen)
    .sort(
      (a, b) =>
        Number(a.muted) - Number(b.muted) ||
        b.severity - a.severity ||
        Number(a.acknowledged) - Number(b.acknowledged) ||
        b.time - a.time
    )
