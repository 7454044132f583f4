/** Severities of Watcher alarms [docs/sal.md#keyed-topics]. */
export const ALARM_LABELS: Readonly<Record<number, string>> = {
  1: 'none',
  2: 'WARNING',
  3: 'SERIOUS',
  4: 'CRITICAL'
}

/** One alarm as the page shows it. Times are TAI seconds. */
export interface Alarm {
  readonly name: string
  readonly severity: number
  readonly maxSeverity: number
  readonly reason: string
  readonly acknowledged: boolean
  readonly acknowledgedBy: string
  readonly muted: boolean
  readonly time: number
}

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** An alarm out of the fields of `Watcher.alarm`. */
export function alarmOf(fields: Readonly<Record<string, unknown>>, time: number): Alarm {
  const severity = numberOf(fields['severity'], 1)
  return {
    name: textOf(fields['name']),
    severity,
    maxSeverity: numberOf(fields['maxSeverity'], severity),
    reason: textOf(fields['reason']),
    acknowledged: fields['acknowledged'] === true,
    acknowledgedBy: textOf(fields['acknowledgedBy']),
    muted: numberOf(fields['mutedSeverity'], 0) >= severity && severity > 1,
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
