import type { Update } from '@meridian/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { ComponentSpec } from '../catalogue.ts'
import { topicTextOf } from './event-text.ts'

/** How much an event matters. */
export const SEVERITIES = ['debug', 'info', 'warning', 'serious', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** One line of the log. */
export interface LogEntry {
  readonly id: string
  /** TAI seconds. */
  readonly time: number
  readonly topic: string
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
  resume(): void
}

/** More than anybody scrolls through, little enough to stay light. */
const KEPT = 2000

/** Python's log levels, upwards [specs/sal.md 1.2]. */
function severityOfLevel(level: number): Severity {
  if (level >= 50) return 'critical'
  if (level >= 40) return 'serious'
  if (level >= 30) return 'warning'
  return level >= 20 ? 'info' : 'debug'
}

/** The severity of any event: of log messages by level, of errors and faults by what they say, of warnings by their name. */
export function severityOf(topic: string, fields: Readonly<Record<string, unknown>>): Severity {
  if (topic === 'logMessage') return severityOfLevel(Number(fields['level']))
  if (topic === 'errorCode') return fields['errorCode'] === 0 ? 'info' : 'critical'
  if (topic === 'summaryState') return fields['summaryState'] === 3 ? 'critical' : 'info'
  if (topic === 'alarm')
    return (['info', 'info', 'warning', 'serious', 'critical'] as const)[Number(fields['severity'])] ?? 'info'
  if (/error|fault/i.test(topic)) return 'serious'
  return /warning/i.test(topic) ? 'warning' : 'info'
}

/** Creates an empty log. */
export function createEventLog(): EventLog {
  const shown = signal<readonly LogEntry[]>([])
  const paused = signal(false)
  const missed = signal(0)
  let all: LogEntry[] = []

  /** Nearly always the newest belongs in front; last values of a snapshot come in any order. */
  function insert(entry: LogEntry): void {
    const at = all.findIndex(other => other.time <= entry.time)
    all.splice(at < 0 ? all.length : at, 0, entry)
    if (all.length > KEPT) all = all.slice(0, KEPT)
  }

  return {
    shown,
    paused,
    missed,
    add(update, component) {
      const { parts, fields, time, subject, seq } = update
      const id = `${subject} ${seq}`
      if (update.snapshot && all.some(entry => entry.id === id)) return
      const severity = severityOf(parts.topic, fields)
      insert({
        id,
        time,
        topic: parts.topic,
        severity,
        fields,
        text: topicTextOf(component, parts.topic, fields)
      })
      if (paused.peek()) missed.value += 1
      else shown.value = [...all]
    },
    resume() {
      paused.value = false
      missed.value = 0
      shown.value = [...all]
    }
  }
}
