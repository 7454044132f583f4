import { useComputed, useSignal } from '@preact/signals'
import { SearchField } from '../chrome/search-field.tsx'
import { Shape } from '../chrome/shape.tsx'
import { preciseTextOf } from '../format/stamp.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { type EventLog, type LogEntry, SEVERITIES, type Severity } from './event-log.ts'
import { ROW_PX } from './row-height.ts'
import { VirtualList } from './virtual-list.tsx'

interface LogFilter {
  readonly search: string
  readonly least: Severity
}

const passes = (entry: LogEntry, { search, least }: LogFilter): boolean =>
  SEVERITIES.indexOf(entry.severity) >= SEVERITIES.indexOf(least) &&
  `${entry.topic} ${entry.text}`.toLowerCase().includes(search.toLowerCase())

function Detail({ entry, onClose }: { readonly entry: LogEntry; readonly onClose: () => void }) {
  const text = JSON.stringify(entry.fields, (_, v) => (typeof v === 'bigint' ? String(v) : v), 2)
  return (
    <div class="log-detail">
      <button type="button" class="quiet" onClick={onClose}>
        Close
      </button>
      <strong>{entry.topic}</strong> {preciseTextOf(entry.time)} UTC
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  )
}

interface EventLogPanelProps {
  readonly panel: PanelName
  readonly log: EventLog
}

/** Events as they come, newest first. */
export function EventLogPanel({ panel, log }: EventLogPanelProps) {
  const filter = useSignal<LogFilter>({ search: '', least: 'debug' })
  const opened = useSignal<LogEntry | undefined>(undefined)
  const entries = useComputed(() => log.shown.value.filter(entry => passes(entry, filter.value))).value
  const paused = log.paused.value

  function filterBy(part: Partial<LogFilter>): void {
    filter.value = { ...filter.peek(), ...part }
  }

  function pause(): void {
    if (paused) log.resume()
    else log.paused.value = true
  }

  const render = (entry: LogEntry) => (
    <button
      type="button"
      key={entry.id}
      class={`row row-log log-${entry.severity}`}
      onClick={() => {
        opened.value = entry
      }}
    >
      <span class="number">{preciseTextOf(entry.time)}</span>
      <span class="log-severity">
        <Shape name={entry.severity} /> {entry.severity}
      </span>
      <span class="log-topic">
        {entry.topic}
        {entry.count > 1 && <span class="log-count"> ×{entry.count}</span>}
      </span>
      <span class="log-text">{entry.text}</span>
    </button>
  )

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
      <VirtualList items={entries} rowPx={ROW_PX} label="Events, newest first" render={render} />
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
