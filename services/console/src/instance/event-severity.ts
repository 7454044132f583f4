/** How much an event matters, from least to most; filters show one and all that follow it. */
export const SEVERITIES = ['debug', 'info', 'warning', 'serious', 'critical'] as const
/** One of SEVERITIES. */
export type Severity = (typeof SEVERITIES)[number]

type Fields = Readonly<Record<string, unknown>>

/** Python's log levels, upwards [docs/sal.md#log-levels]. */
function severityOfLevel(level: number): Severity {
  if (level >= 50) return 'critical'
  if (level >= 40) return 'serious'
  if (level >= 30) return 'warning'
  return level >= 20 ? 'info' : 'debug'
}

/** Topics of warnings are also sent when all is well again: then none of their flags is set. */
function raised(fields: Readonly<Record<string, unknown>>): boolean {
  const flags = Object.values(fields)
    .flat()
    .filter(value => typeof value === 'boolean')
  return flags.length === 0 || flags.includes(true)
}

/** Severities of alarms, by their number. */
const ALARM_SEVERITIES = ['info', 'info', 'warning', 'serious', 'critical'] as const

/** Topics whose fields say how much they matter. */
const TELLING: ReadonlyMap<string, (fields: Fields) => Severity> = new Map([
  ['logMessage', fields => severityOfLevel(Number(fields['level']))],
  ['errorCode', fields => (fields['errorCode'] === 0 ? 'info' : 'critical')],
  ['summaryState', fields => (fields['summaryState'] === 3 ? 'critical' : 'info')],
  ['alarm', fields => ALARM_SEVERITIES[Number(fields['severity'])] ?? 'info']
])

/** The severity of a topic whose name alone says how much it matters, while any flag of it is set. */
function severityOfName(topic: string): Severity {
  if (/(^|_)(error|fault)$|(Error|Fault)$/.test(topic)) return 'serious'
  return /(^|_)warning$|Warning$/.test(topic) ? 'warning' : 'info'
}

/**
 * The severity of any event: of log messages by level, of errors and faults by what they say, of warnings by
 * their name.
 */
export function severityOf(topic: string, fields: Fields): Severity {
  const told = TELLING.get(topic)
  if (told !== undefined) return told(fields)
  const severity = severityOfName(topic)
  return severity === 'info' || raised(fields) ? severity : 'info'
}
