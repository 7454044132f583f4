import { type Severity, severityOf } from './event-severity.ts'

type Fields = Readonly<Record<string, unknown>>

/** One line of the log: an event, or the last of several in quick succession. */
export interface LogEntry {
  readonly id: string
  readonly subject: string
  /** TAI seconds by the source's clock. */
  readonly time: number
  /** TAI seconds by the observatory's clock: the order of the log, whatever the sources stamp. */
  readonly received: number
  readonly topic: string
  /** More than 1: so many events in quick succession, of which this is the last. */
  readonly count: number
  /** When the first of them was received, TAI seconds. */
  readonly since: number
  /** Whether their contents differ, so that `fields` are those of the last alone. */
  readonly differ: boolean
  /** The worst of theirs. */
  readonly severity: Severity
  readonly fields: Fields
}

/** What a line of one event is made of. */
export type SingleEvent = Pick<LogEntry, 'id' | 'subject' | 'time' | 'received' | 'topic' | 'fields'>

/** The line of one event, as severe as its topic and fields say. */
export function singleEntry(event: SingleEvent): LogEntry {
  const severity = severityOf(event.topic, event.fields)
  return { ...event, severity, count: 1, since: event.received, differ: false }
}

/** The same event in JSON, where the record writes as text what MessagePack carries as it is. */
const contentOf = (fields: Fields): string =>
  JSON.stringify(fields, (_, value: unknown) => (isTextInJson(value) ? String(value) : value))

const isTextInJson = (value: unknown): boolean =>
  typeof value === 'bigint' ||
  (typeof value === 'number' && !Number.isFinite(value)) ||
  (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))

/** Whether two events say the same, one of which may have come as JSON. */
export const hasSameContent = (a: LogEntry, b: LogEntry): boolean =>
  contentOf(a.fields) === contentOf(b.fields)

/** Whether an event is the one that a line shows, or one of the several that it stands for. */
export function standsFor(line: LogEntry, event: LogEntry): boolean {
  if (line.subject !== event.subject) return false
  if (line.count > 1 && event.received >= line.since && event.received <= line.received) return true
  return line.time === event.time && hasSameContent(line, event)
}
