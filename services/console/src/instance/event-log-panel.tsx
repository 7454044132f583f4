import { CLOCK_TOLERANCE_SECONDS, utcMsOf } from '@meridian/time'
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { ComponentSpec } from '../catalogue.ts'
import { SearchField } from '../chrome/search-field.tsx'
import { Shape } from '../chrome/shape.tsx'
import { clockTextOf, dateTextOf, preciseTextOf } from '../format/stamp.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { stampNoteOf } from '../site/clock-note.ts'
import { type EventLog, KEPT_LINES } from './event-log.ts'
import { SEVERITIES, type Severity } from './event-severity.ts'
import { topicTextOf } from './event-text.ts'
import type { LogEntry } from './log-entry.ts'
import { gapText, type LogGap, withGaps } from './log-gaps.ts'
import type { PastState } from './past-events.ts'
import { ROW_PX } from './row-height.ts'
import { VirtualList } from './virtual-list.tsx'

interface LogFilter {
  readonly search: string
  readonly least: Severity
}

/** What a line says, which is worked out once and again when the catalogue comes. */
type TextOf = (entry: LogEntry) => string

const differText = ({ differ }: LogEntry): string => (differ ? 'contents differ: last ' : '')

function createTextOf(component: ComponentSpec | undefined): TextOf {
  const texts = new WeakMap<LogEntry, string>()
  return entry => {
    const known =
      texts.get(entry) ?? `${differText(entry)}${topicTextOf(component, entry.topic, entry.fields)}`
    texts.set(entry, known)
    return known
  }
}

function passes(entry: LogEntry, { search, least }: LogFilter, textOf: TextOf): boolean {
  if (SEVERITIES.indexOf(entry.severity) < SEVERITIES.indexOf(least)) return false
  return search === '' || `${entry.topic} ${textOf(entry)}`.toLowerCase().includes(search.toLowerCase())
}

/** How far the stamp is off, where it would mislead. */
function clockText({ time, received }: LogEntry): string {
  const ahead = Math.round(time - received)
  return Math.abs(ahead) <= CLOCK_TOLERANCE_SECONDS ? '' : stampNoteOf(ahead)
}

/** When it happened: as the source stamps it, unless its clock is off. */
const shownTime = (entry: LogEntry): number => (clockText(entry) === '' ? entry.time : entry.received)

/** Elements of an array that the detail of an event shows; the rest is counted. */
const SHOWN_ELEMENTS = 1000

function inJson(_: string, value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return String(value)
  if (!Array.isArray(value) || value.length <= SHOWN_ELEMENTS) return value
  return [...value.slice(0, SHOWN_ELEMENTS), `and ${value.length - SHOWN_ELEMENTS} more`]
}

/** What the detail of a line leaves out that stands for several events. */
function severalText({ count, since, differ }: LogEntry): string {
  if (count === 1) return ''
  const equal = differ ? 'whose contents differ; the others are on the record' : 'of the same contents'
  return `the last of ${count} events since ${preciseTextOf(since)} UTC, ${equal}`
}

function Detail({ entry, onClose }: { readonly entry: LogEntry; readonly onClose: () => void }) {
  const text = JSON.stringify(entry.fields, inJson, 2)
  return (
    <div class="log-detail">
      <button type="button" class="quiet" onClick={onClose}>
        Close
      </button>
      <strong>{entry.topic}</strong> stamped {preciseTextOf(entry.time)} UTC, received{' '}
      {preciseTextOf(entry.received)} UTC {clockText(entry)} {severalText(entry)}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  )
}

const Gap = ({ gap }: { readonly gap: LogGap }) => (
  <div class="row log-gap quiet-text" key={`gap ${gap.before}`}>
    {gapText(gap)}
  </div>
)

interface EventLogPanelProps {
  readonly panel: PanelName
  readonly log: EventLog
  readonly past: PastState
  readonly component: ComponentSpec | undefined
}

/** Where the log begins, so that what is missing is not taken for silence. */
function pastText(past: PastState, lines: number): string {
  if (past.kind === 'reading') return 'Reading the record of events…'
  if (past.kind === 'waiting')
    return 'Waiting for the api: events from before this page was opened are missing.'
  if (past.kind === 'refused') return `You may not read its events: ${past.why}.`
  const isWhole = past.gaps.every(({ after }) => after !== Number.NEGATIVE_INFINITY)
  if (!isWhole || lines >= KEPT_LINES) return 'Older events are on the record.'
  if (past.heldFrom === undefined) return 'The record held no older events.'
  const utcMs = utcMsOf(past.heldFrom)
  return `The record of these events begins on ${dateTextOf(utcMs)} at ${clockTextOf(utcMs)} UTC.`
}

/** Events from the record and as they come, newest first by the time of receipt. */
export function EventLogPanel({ panel, log, past, component }: EventLogPanelProps) {
  const textOf = useMemo(() => createTextOf(component), [component])
  const filter = useSignal<LogFilter>({ search: '', least: 'debug' })
  const opened = useSignal<LogEntry | undefined>(undefined)
  // Not a computed signal: the catalogue comes as a prop, and may come last.
  const entries = log.shown.value.filter(entry => passes(entry, filter.value, textOf))
  const items = withGaps(entries, past.kind === 'known' ? past.gaps : [])
  const paused = log.paused.value

  function filterBy(part: Partial<LogFilter>): void {
    filter.value = { ...filter.peek(), ...part }
  }

  function pause(): void {
    if (paused) log.resume()
    else log.paused.value = true
  }

  const renderEntry = (entry: LogEntry) => (
    <button
      type="button"
      key={entry.id}
      class={`row row-log log-${entry.severity}`}
      onClick={() => {
        opened.value = entry
      }}
    >
      <span class="number">{preciseTextOf(shownTime(entry))}</span>
      <span class="log-severity">
        <Shape name={entry.severity} /> {entry.severity}
      </span>
      <span class="log-topic">
        {entry.topic}
        {entry.count > 1 && <span class="log-count"> ×{entry.count}</span>}
      </span>
      <span class="log-text">
        {clockText(entry) !== '' && <span class="tag">{clockText(entry)}</span>} {textOf(entry)}
      </span>
    </button>
  )

  const render = (item: LogEntry | LogGap) => ('received' in item ? renderEntry(item) : <Gap gap={item} />)

  const tools = (
    <>
      <button type="button" class="quiet" aria-pressed={paused} onClick={pause}>
        {paused ? `Resume (${log.missed.value} new)` : 'Pause'}
      </button>
      <label class="select">
        From
        <select
          value={filter.value.least}
          onChange={event => filterBy({ least: event.currentTarget.value as Severity })}
        >
          {SEVERITIES.map(severity => (
            <option key={severity}>{severity}</option>
          ))}
        </select>
      </label>
      <SearchField value={filter.value.search} placeholder="text" onSearch={search => filterBy({ search })} />
    </>
  )

  return (
    <PanelFrame panel={panel} note={entries.length} tools={tools}>
      <VirtualList items={items} rowPx={ROW_PX} label="Events, newest first" render={render} />
      <p class="log-past quiet-text">{pastText(past, log.shown.value.length)}</p>
      {opened.value !== undefined && (
        <Detail
          entry={opened.value}
          onClose={() => {
            opened.value = undefined
          }}
        />
      )}
    </PanelFrame>
  )
}
