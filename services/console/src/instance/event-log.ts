import type { Update } from '@meridian/client'
import type { RecordedEvent } from '@meridian/protocol/http'
import { readSubject } from '@meridian/subjects'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'

/** How much an event matters, from least to most; filters show one and all that follow it. */
export const SEVERITIES = ['debug', 'info', 'warning', 'serious', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

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
  /** More than 1: so many messages in quick succession, of which this is the last. */
  readonly count: number
  readonly severity: Severity
  readonly fields: Fields
}

/** What the log needs of a live event. */
export type LiveEvent = Pick<
  Update,
  'subject' | 'parts' | 'fields' | 'time' | 'received' | 'seq' | 'snapshot'
>

/** The events of one instance, newest first; what is shown can be held still. */
export interface EventLog {
  readonly shown: ReadonlySignal<readonly LogEntry[]>
  readonly paused: Signal<boolean>
  /** How many came since it was paused. */
  readonly missed: ReadonlySignal<number>
  add(event: LiveEvent): void
  /**
   * Takes what the record holds of before, newest first; what the log has already is not shown twice. Of events
   * that were received at or before `after` (TAI seconds) none is taken.
   */
  addRecorded(events: readonly RecordedEvent[], after?: number): void
  /** When the newest event of the log was received, TAI seconds; -Infinity while it is empty. */
  newest(): number
  /** Brings what was added to the page. */
  show(): void
  resume(): void
}

/** More than anybody scrolls through, little enough to stay light. */
const KEPT = 2000

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

/**
 * Topics that speak again within this time share a line, which counts them; log messages always have their
 * own.
 */
const CHATTY_SECONDS = 1

/** The same event in JSON, where the record writes as text what MessagePack carries as it is. */
const contentOf = (fields: Fields): string =>
  JSON.stringify(fields, (_, value: unknown) => (isTextInJson(value) ? String(value) : value))

const isTextInJson = (value: unknown): boolean =>
  typeof value === 'bigint' ||
  (typeof value === 'number' && !Number.isFinite(value)) ||
  (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))

const isSameEvent = (a: LogEntry, b: LogEntry): boolean =>
  a.subject === b.subject && a.time === b.time && contentOf(a.fields) === contentOf(b.fields)

const newestFirst = (a: LogEntry, b: LogEntry): number => b.received - a.received

function recordedEntry({ subject, time, received, fields }: RecordedEvent, at: number): LogEntry {
  const parts = readSubject(subject)
  const topic = parts !== undefined && 'topic' in parts ? parts.topic : subject
  const id = `${subject} record ${received} ${at}`
  return { id, subject, time, received, topic, severity: severityOf(topic, fields), fields, count: 1 }
}

/** The line of the same topic that an event takes the place of, if that came just before. */
function chattyBefore({ topic, received }: LogEntry, before: LogEntry | undefined): LogEntry | undefined {
  const isChatty =
    before !== undefined && received >= before.received && received - before.received < CHATTY_SECONDS
  return isChatty && topic !== 'logMessage' ? before : undefined
}

/** Events in quick succession as one line each; oldest first, as they are given. */
function gathered(events: readonly LogEntry[]): readonly LogEntry[] {
  const newest = new Map<string, LogEntry>()
  const lines = new Set<LogEntry>()
  for (const event of events) {
    const before = chattyBefore(event, newest.get(event.subject))
    if (before !== undefined) lines.delete(before)
    const line = { ...event, count: 1 + (before?.count ?? 0) }
    lines.add(line)
    newest.set(event.subject, line)
  }
  return [...lines]
}

/** The lines of a log, newest first and never more than are kept. */
function createLogLines() {
  const ids = new Set<string>()
  /** Lines that stand for a last value given at the opening, which the record tells with what led to it. */
  const snapshots = new Set<LogEntry>()
  const newestOf = new Map<string, LogEntry>()
  let all: LogEntry[] = []

  function cut(): void {
    for (const dropped of all.splice(KEPT)) {
      ids.delete(dropped.id)
      snapshots.delete(dropped)
    }
  }

  /** Nearly always the newest belongs in front; last values of a snapshot come in any order. */
  function insert(entry: LogEntry): void {
    const at = all.findIndex(other => other.received <= entry.received)
    all.splice(at < 0 ? all.length : at, 0, entry)
    cut()
  }

  function drop(entry: LogEntry): void {
    all.splice(all.indexOf(entry), 1)
    snapshots.delete(entry)
  }

  /** A live event: a line of its own, or the place of the line just before. */
  function add(event: LogEntry, isSnapshot: boolean): void {
    const before = chattyBefore(event, newestOf.get(event.subject))
    if (before !== undefined) drop(before)
    const line = { ...event, count: 1 + (before?.count ?? 0) }
    insert(line)
    ids.add(line.id)
    if (isSnapshot) snapshots.add(line)
    newestOf.set(line.subject, line)
  }

  /** What of the past is in no line yet; a last value gives way to the record of it. */
  function unknownOf(past: readonly LogEntry[]): readonly LogEntry[] {
    const known = all.filter(entry => past.some(event => isSameEvent(event, entry)))
    for (const entry of known) if (snapshots.has(entry)) drop(entry)
    const live = known.filter(entry => all.includes(entry))
    return past.filter(event => !live.some(entry => isSameEvent(event, entry)))
  }

  /** Events of the record, oldest first. */
  function addPast(past: readonly LogEntry[]): void {
    const fresh = gathered(unknownOf(past)).toReversed()
    all = [...all, ...fresh].sort(newestFirst)
    cut()
  }

  return { add, addPast, has: (id: string) => ids.has(id), all: (): readonly LogEntry[] => all }
}

/** Events of the record that were received after an instant, oldest first. */
const pastEntries = (events: readonly RecordedEvent[], after: number): readonly LogEntry[] =>
  events
    .filter(({ received }) => received > after)
    .map(recordedEntry)
    .reverse()

/** Creates an empty log, which keeps the newest 2000 lines. */
export function createEventLog(): EventLog {
  const shown = signal<readonly LogEntry[]>([])
  const paused = signal(false)
  const missed = signal(0)
  const lines = createLogLines()
  let changed = false

  function add({ subject, parts: { topic }, fields, time, received, seq, snapshot }: LiveEvent): void {
    const id = `${subject} ${seq}`
    if (snapshot && lines.has(id)) return
    const severity = severityOf(topic, fields)
    lines.add({ id, subject, time, received, topic, severity, fields, count: 1 }, snapshot)
    changed = true
    if (paused.peek()) missed.value += 1
  }

  function addRecorded(events: readonly RecordedEvent[], after = Number.NEGATIVE_INFINITY): void {
    lines.addPast(pastEntries(events, after))
    changed = true
  }

  function show(): void {
    if (!changed || paused.peek()) return
    changed = false
    shown.value = [...lines.all()]
  }

  function resume(): void {
    paused.value = false
    missed.value = 0
    shown.value = [...lines.all()]
  }

  const newest = (): number => lines.all()[0]?.received ?? Number.NEGATIVE_INFINITY

  return { shown, paused, missed, add, addRecorded, newest, show, resume }
}
