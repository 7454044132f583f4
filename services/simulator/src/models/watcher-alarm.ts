/**
 * An alarm of the Watcher. Quiet -> raised by a severity above NONE; raised -> acknowledged by an operator;
 * acknowledged -> quiet when its cause is gone. One whose cause is gone stays raised until acknowledged:
 * `maxSeverity` keeps it. A severity above `maxSeverity` ends the acknowledgement. Instants are TAI seconds,
 * 0 where there is none.
 */
export interface Alarm {
  readonly name: string
  readonly severity: number
  readonly reason: string
  readonly maxSeverity: number
  /** Who acknowledged it; "" while nobody has. */
  readonly acknowledgedBy: string
  readonly mutedSeverity: number
  readonly mutedBy: string
  readonly oldest: number
  readonly newest: number
  readonly maxAt: number
  readonly acknowledgedAt: number
  readonly unmuteAt: number
}

/** Values of SAL's enumeration AlarmSeverity; an alarm counts as raised from WARNING on. */
export const SEVERITY = { NONE: 1, WARNING: 2, SERIOUS: 3, CRITICAL: 4 } as const

const NOT_ACKNOWLEDGED = { acknowledgedBy: '', acknowledgedAt: 0 }
const NOT_MUTED = { mutedSeverity: 0, mutedBy: '', unmuteAt: 0 }

/** An alarm that was never raised. */
export const quietAlarm = (name: string): Alarm => ({
  name,
  severity: SEVERITY.NONE,
  reason: '',
  maxSeverity: SEVERITY.NONE,
  oldest: 0,
  newest: 0,
  maxAt: 0,
  ...NOT_ACKNOWLEDGED,
  ...NOT_MUTED
})

/** The alarm with a severity that differs from the one it had. */
export function withSeverity(
  alarm: Alarm,
  { severity, reason, tai }: { severity: number; reason: string; tai: number }
): Alarm {
  const quiet = severity === SEVERITY.NONE
  const oldest = alarm.severity === SEVERITY.NONE ? tai : alarm.oldest
  const next = { ...alarm, oldest, severity, reason: quiet ? '' : reason, newest: tai }
  if (severity > alarm.maxSeverity) return { ...next, maxSeverity: severity, maxAt: tai, ...NOT_ACKNOWLEDGED }
  return quiet && alarm.acknowledgedBy !== '' ? withoutCause(next) : next
}

/** The alarm acknowledged; it is over when its cause is gone already. */
export function acknowledged(alarm: Alarm, acknowledgedBy: string, tai: number): Alarm {
  const next = { ...alarm, acknowledgedBy, acknowledgedAt: tai }
  return alarm.severity === SEVERITY.NONE ? withoutCause(next) : next
}

const withoutCause = (alarm: Alarm): Alarm => ({ ...alarm, maxSeverity: SEVERITY.NONE, ...NOT_ACKNOWLEDGED })

/** The alarm as if nobody had acknowledged it. */
export const unacknowledged = (alarm: Alarm): Alarm => ({ ...alarm, ...NOT_ACKNOWLEDGED })

/** The alarm as if nobody had muted it. */
export const unmuted = (alarm: Alarm): Alarm => ({ ...alarm, ...NOT_MUTED })

/** Fields of the event `alarm`, from the alarm as the Watcher keeps it. */
export const alarmFields = (alarm: Alarm): Record<string, unknown> => ({
  name: alarm.name,
  severity: alarm.severity,
  reason: alarm.reason,
  maxSeverity: alarm.maxSeverity,
  acknowledged: alarm.acknowledgedBy !== '',
  acknowledgedBy: alarm.acknowledgedBy,
  mutedSeverity: alarm.mutedSeverity,
  mutedBy: alarm.mutedBy,
  timestampSeverityOldest: alarm.oldest,
  timestampSeverityNewest: alarm.newest,
  timestampMaxSeverity: alarm.maxAt,
  timestampAcknowledged: alarm.acknowledgedAt,
  timestampUnmute: alarm.unmuteAt
})
