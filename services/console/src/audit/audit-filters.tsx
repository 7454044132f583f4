import type { AuditKind } from '@meridian/protocol/http'
import { type AuditFilter, NO_FILTER } from './audit-query.ts'
import { KIND_NAMES } from './audit-sentence.ts'

interface AuditFiltersProps {
  readonly filter: AuditFilter
  readonly onChange: (filter: AuditFilter) => void
}

/** Ranges by the minutes that they reach back. */
const RANGES = [
  ['15', 'last 15 minutes'],
  ['60', 'last hour'],
  ['720', 'last 12 hours'],
  ['1440', 'last 24 hours'],
  ['10080', 'last 7 days'],
  ['', 'any time, or between']
] as const

const textOf = (event: Event): string =>
  event.currentTarget instanceof HTMLInputElement || event.currentTarget instanceof HTMLSelectElement
    ? event.currentTarget.value
    : ''

/** What of the audit is shown; each change holds at once, a name with Enter or when its field is left. */
export function AuditFilters({ filter, onChange }: AuditFiltersProps) {
  const { name, what, refused, lastMinutes, from, to } = filter
  const set = (changed: Partial<AuditFilter>): void => onChange({ ...filter, ...changed })
  return (
    <form
      class="audit-filters"
      aria-label="Filter"
      onSubmit={event => {
        event.preventDefault()
        set({ name: String(new FormData(event.currentTarget as HTMLFormElement).get('name') ?? '') })
      }}
    >
      <label>
        Who
        <input
          name="name"
          value={name}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="everybody"
          onChange={event => set({ name: textOf(event) })}
        />
      </label>
      <label>
        What
        <select name="what" value={what} onChange={event => set({ what: textOf(event) })}>
          <option value="">everything</option>
          {Object.entries(KIND_NAMES).map(([kind, text]) => (
            <option key={kind} value={kind satisfies string as AuditKind}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={refused} onChange={() => set({ refused: !refused })} /> Refusals only
      </label>
      <label>
        When
        <select
          name="range"
          value={lastMinutes === undefined ? '' : String(lastMinutes)}
          onChange={event => {
            const minutes = textOf(event)
            set({ lastMinutes: minutes === '' ? undefined : Number(minutes) })
          }}
        >
          {RANGES.map(([minutes, text]) => (
            <option key={minutes} value={minutes}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {lastMinutes === undefined && (
        <>
          <label>
            From, UTC
            <input type="datetime-local" value={from} onChange={event => set({ from: textOf(event) })} />
          </label>
          <label>
            To, UTC
            <input type="datetime-local" value={to} onChange={event => set({ to: textOf(event) })} />
          </label>
        </>
      )}
      <button type="button" class="quiet" onClick={() => onChange(NO_FILTER)}>
        Show everything
      </button>
    </form>
  )
}
