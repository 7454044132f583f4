import type { Update } from '@meridian/client'
import type { RecordedEvent } from '@meridian/protocol/http'
import { readSubject } from '@meridian/subjects'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { createEventRuns } from './event-runs.ts'
import { type LogEntry, singleEntry, standsFor } from './log-entry.ts'

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

/** Lines of a log: more than anybody scrolls through, few enough to stay light. Older ones are dropped. */
export const KEPT_LINES = 2000

const newestFirst = (a: LogEntry, b: LogEntry): number => b.received - a.received

function recordedEntry({ subject, time, received, fields }: RecordedEvent, at: number): LogEntry {
  const parts = readSubject(subject)
  const topic = parts !== undefined && 'topic' in parts ? parts.topic : subject
  const id = `${subject} record ${received} ${at}`
  return singleEntry({ id, subject, time, received, topic, fields })
}

/** Events in quick succession as few lines; oldest first, as they are given. */
function gathered(events: readonly LogEntry[]): readonly LogEntry[] {
  const runs = createEventRuns()
  const lines = new Set<LogEntry>()
  for (const event of events) {
    const { line, before } = runs.place(event)
    if (before !== undefined) lines.delete(before)
    lines.add(line)
  }
  return [...lines]
}

/** The lines of a log, newest first and never more than are kept. */
function createLogLines() {
  const ids = new Set<string>()
  /** Lines that stand for a last value given at the opening, which the record tells with what led to it. */
  const snapshots = new Set<LogEntry>()
  const runs = createEventRuns()
  let all: LogEntry[] = []

  function cut(): void {
    for (const dropped of all.splice(KEPT_LINES)) {
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
    all = all.filter(other => other !== entry)
    snapshots.delete(entry)
  }

  /** A live event: a line of its own, or the place of the line just before. */
  function add(event: LogEntry, isSnapshot: boolean): void {
    const { line, before } = runs.place(event)
    if (before !== undefined) drop(before)
    insert(line)
    ids.add(line.id)
    if (isSnapshot) snapshots.add(line)
  }

  /** A last value gives way to the record of it. */
  function giveWay(snapshot: LogEntry): void {
    drop(snapshot)
    runs.end(snapshot)
  }

  /** What of the past is in no line yet. */
  function unknownOf(past: readonly LogEntry[]): readonly LogEntry[] {
    const known = all.filter(line => past.some(event => standsFor(line, event)))
    for (const line of known) if (snapshots.has(line)) giveWay(line)
    const live = known.filter(line => all.includes(line))
    return past.filter(event => !live.some(line => standsFor(line, event)))
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
    lines.add(singleEntry({ id, subject, time, received, topic, fields }), snapshot)
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
