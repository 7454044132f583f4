import type { Update } from '@meridian/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ComponentSpec } from '../catalogue.ts'
import { topicTextOf } from './event-text.ts'

/** How much an event matters, from least to most; filters show one and all that follow it. */
export const SEVERITIES = ['debug', 'info', 'warning', 'serious', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** One line of the log: an event, or the last of several in quick succession. */
export interface LogEntry {
  readonly id: string
  readonly subject: string
  /** TAI seconds. */
  readonly time: number
  readonly topic: string
  /** More than 1: so many messages in quick succession, of which this is the last. */
  readonly count: number
  readonly severity: Severity
  readonly text: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The events of one instance as they come, newest first; what is shown can be held still. */
export interface EventLog {
  readonly shown: ReadonlySignal<readonly LogEntry[]>
  readonly paused: Signal<boolean>
  /** How many came since it was paused. */
  readonly missed: ReadonlySignal<number>
  add(update: Update, component: ComponentSpec | undefined): void
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

/**
 * The severity of any event: of log messages by level, of errors and faults by what they say, of warnings by
 * their name.
 */
export function severityOf(topic: string, fields: Readonly<Record<string, unknown>>): Severity {
  if (topic === 'logMessage') return severityOfLevel(Number(fields['level']))
  if (topic === 'errorCode') return fields['errorCode'] === 0 ? 'info' : 'critical'
  if (topic === 'summaryState') return fields['summaryState'] === 3 ? 'critical' : 'info'
  if (topic === 'alarm')
    return (['info', 'info', 'warning', 'serious', 'critical'] as const)[Number(fields['severity'])] ?? 'info'
  if (/(^|_)(error|fault)$|(Error|Fault)$/.test(topic)) return raised(fields) ? 'serious' : 'info'
  return /(^|_)warning$|Warning$/.test(topic) && raised(fields) ? 'warning' : 'info'
}

/**
 * Topics that speak again within this time share a line, which counts them; log messages always have their
 * own.
 */
const CHATTY_SECONDS = 1

/** Creates an empty log, which keeps the newest 2000 lines. */
export function createEventLog(): EventLog {
  const shown = signal<readonly LogEntry[]>([])
  const paused = signal(false)
  const missed = signal(0)
  const ids = new Set<string>()
  const newest = new Map<string, LogEntry>()
  const all: LogEntry[] = []
  let changed = false

  /** Nearly always the newest belongs in front; last values of a snapshot come in any order. */
  function insert(entry: LogEntry): void {
    const at = all.findIndex(other => other.time <= entry.time)
    all.splice(at < 0 ? all.length : at, 0, entry)
    for (const dropped of all.splice(KEPT)) ids.delete(dropped.id)
  }

  /** The line of the same topic that this one takes the place of, if it came just before. */
  function replaced({ subject, topic, time }: LogEntry): LogEntry | undefined {
    const before = newest.get(subject)
    const chatty = before !== undefined && time >= before.time && time - before.time < CHATTY_SECONDS
    return chatty && topic !== 'logMessage' ? before : undefined
  }

  return {
    shown,
    paused,
    missed,
    add({ subject, parts, fields, time, seq, snapshot }, component) {
      const id = `${subject} ${seq}`
      if (snapshot && ids.has(id)) return
      const { topic } = parts
      const text = topicTextOf(component, topic, fields)
      const entry = { id, subject, time, topic, severity: severityOf(topic, fields), fields, text, count: 1 }
      const before = replaced(entry)
      if (before !== undefined) {
        all.splice(all.indexOf(before), 1)
        entry.count = before.count + 1
      }
      insert(entry)
      ids.add(id)
      newest.set(subject, entry)
      changed = true
      if (paused.peek()) missed.value += 1
    },
    show() {
      if (!changed || paused.peek()) return
      changed = false
      shown.value = [...all]
    },
    resume() {
      paused.value = false
      missed.value = 0
      shown.value = [...all]
    }
  }
}
