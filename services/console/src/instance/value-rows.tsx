import { useComputed } from '@preact/signals'
import type { ComponentSpec } from '../catalogue.ts'
import { exactText } from '../format/exact.ts'
import { unitsText } from '../format/value.ts'
import { type FieldRef, fieldNameOf } from '../plot/field-ref.ts'
import type { PlotStore } from '../plot/plot-store.ts'
import { fieldText, isPlottable, numberFormatOf } from './field-text.ts'
import type { Row } from './rows.ts'
import { isTimestamp } from './timestamp-fields.ts'

interface ValueRowProps<K extends Row['kind']> {
  readonly row: Extract<Row, { kind: K }>
  readonly component: ComponentSpec | undefined
  readonly plot: PlotStore
}

interface PlotButtonProps {
  readonly row: Extract<Row, { kind: 'field' | 'element' }>
  readonly plot: PlotStore
}

/** The name of a number; pressing it puts the number into the plot or takes it out. */
function PlotButton({ row, plot }: PlotButtonProps) {
  const ref: FieldRef = {
    subject: row.topic.subject,
    field: row.field.name,
    ...(row.kind === 'element' && { index: row.at }),
    units: row.field.units
  }
  const label = row.kind === 'element' ? `[${row.at}]` : row.field.name
  return (
    <button
      type="button"
      class="row-plot"
      aria-pressed={plot.has(ref)}
      aria-label={`Plot ${fieldNameOf(ref)}`}
      onClick={() => plot.toggle(ref)}
    >
      {label}
    </button>
  )
}

/** One field: its name, value, units. Arrays show their extremes and can be opened. */
export function FieldRow({
  row,
  component,
  plot,
  onToggle
}: ValueRowProps<'field'> & { onToggle: () => void }) {
  const { topic, field } = row
  const value = useComputed(() => topic.latest.value.fields[field.name]).value
  const isArray = Array.isArray(value)
  return (
    <div
      class={`row row-field${isTimestamp(field.name) ? ' row-timestamp' : ''}`}
      title={field.description === undefined ? field.name : `${field.name}: ${field.description}`}
    >
      <span class="row-name">
        {isArray && (
          <button type="button" class="row-toggle" aria-expanded={row.open} onClick={onToggle}>
            <span class="twist" aria-hidden="true" />
            {field.name}
            <span class="row-count">[{value.length}]</span>
          </button>
        )}
        {!isArray && isPlottable(value) && <PlotButton row={row} plot={plot} />}
        {!isArray && !isPlottable(value) && <span class="row-plain">{field.name}</span>}
      </span>
      <span class="row-value" title={isArray ? undefined : exactText(value)}>
        {fieldText(component, field, value, numberFormatOf(topic, field))}
      </span>
      <span class="row-units">{isArray ? field.units : unitsText(value, field)}</span>
    </div>
  )
}

/** One element of an open array; a number can be plotted as a field can. */
export function ElementRow({ row, component, plot }: ValueRowProps<'element'>) {
  const { topic, field, at } = row
  const value = useComputed(() => {
    const array = topic.latest.value.fields[field.name]
    return Array.isArray(array) ? (array[at] as unknown) : undefined
  }).value
  return (
    <div class={`row row-element${isTimestamp(field.name) ? ' row-timestamp' : ''}`}>
      <span class="row-name">
        {isPlottable(value) ? <PlotButton row={row} plot={plot} /> : <span class="row-plain">[{at}]</span>}
      </span>
      <span class="row-value" title={exactText(value)}>
        {fieldText(component, field, value, numberFormatOf(topic, field))}
      </span>
      <span class="row-units">{unitsText(value, field)}</span>
    </div>
  )
}
