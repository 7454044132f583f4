import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { enumerationOf } from '../instance/field-text.ts'
import { elementsOf, roundedTextOf, typeText } from './parse-params.ts'

interface ParameterInputProps {
  readonly component: ComponentSpec
  readonly field: FieldSpec
  readonly text: string
  readonly problem: string | undefined
  readonly onText: (text: string) => void
}

interface ControlProps extends ParameterInputProps {
  readonly id: string
  readonly describedBy: string
}

const FLAGS = [
  { name: 'true', value: 'true' },
  { name: 'false', value: 'false' }
]

/** A choice begins with none: what nobody touched is not sent as a silent `false`. */
function Choice({ component, field, text, problem, onText, id, describedBy }: ControlProps) {
  const items = field.type === 'boolean' ? FLAGS : (enumerationOf(component, field)?.items ?? [])
  return (
    <select
      id={id}
      aria-describedby={describedBy}
      aria-invalid={problem !== undefined}
      value={text}
      onChange={event => onText(event.currentTarget.value)}
    >
      <option value="">choose…</option>
      {items.map(item => (
        <option key={item.name} value={String(item.value)}>
          {item.name === item.value ? item.name : `${item.name} (${item.value})`}
        </option>
      ))}
    </select>
  )
}

function ArrayText({ field, text, problem, onText, id, describedBy }: ControlProps) {
  return (
    <textarea
      id={id}
      rows={2}
      spellcheck={false}
      aria-describedby={describedBy}
      aria-invalid={problem !== undefined}
      placeholder={`${field.count} values, or one for all`}
      value={text}
      onInput={event => onText(event.currentTarget.value)}
    />
  )
}

function Control(props: ControlProps) {
  const { component, field, text, problem, onText, id, describedBy } = props
  if (field.count > 1) return <ArrayText {...props} />
  const isList = field.enumeration !== undefined && !enumerationOf(component, field)?.bitmask
  if (isList || field.type === 'boolean') return <Choice {...props} />
  return (
    <input
      id={id}
      type="text"
      inputMode={field.type === 'string' ? 'text' : 'decimal'}
      spellcheck={false}
      autocomplete="off"
      aria-describedby={describedBy}
      aria-invalid={problem !== undefined}
      value={text}
      onInput={event => onText(event.currentTarget.value)}
    />
  )
}

/**
 * What the parameter takes: the bits that may be added up, or its type and range, how many were given, and what
 * is left of a number with more digits than the type holds.
 */
function hintOf({ component, field, text }: ParameterInputProps): string {
  const enumeration = enumerationOf(component, field)
  if (enumeration?.bitmask)
    return `sum of ${enumeration.items.map(({ name, value }) => `${name} ${value}`).join(', ')}`
  const given = field.count > 1 ? `, ${elementsOf(text).length} given` : ''
  const rounded = roundedTextOf(field, text)
  const held = rounded === undefined ? '' : `; it holds ${rounded} of what is typed`
  return `${typeText(field)}${field.units === '' ? '' : ` in ${field.units}`}${given}${held}`
}

/** One parameter: name, a control that fits its type, units, and what is wrong with it, if anything is. */
export function ParameterInput(props: ParameterInputProps) {
  const { field, problem } = props
  const id = `parameter-${field.name}`
  const describedBy = `${id}-note`
  return (
    <div class={`parameter${problem === undefined ? '' : ' parameter-wrong'}`}>
      <label for={id} title={field.description}>
        {field.name}
      </label>
      <span class="parameter-control">
        <Control {...props} id={id} describedBy={describedBy} />
        <span class="row-units">{field.units}</span>
      </span>
      {field.description !== undefined && <span class="parameter-note">{field.description}</span>}
      <span class="parameter-note" id={describedBy} role={problem === undefined ? undefined : 'alert'}>
        {problem ?? hintOf(props)}
      </span>
    </div>
  )
}
