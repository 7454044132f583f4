import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { enumerationOf } from '../instance/field-text.ts'
import { elementsOf } from './parse-params.ts'

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

function Choice({ component, field, text, problem, onText, id, describedBy }: ControlProps) {
  const items = enumerationOf(component, field)?.items ?? []
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
          {item.name} ({item.value})
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
  const { field, text, problem, onText, id, describedBy } = props
  if (field.count > 1) return <ArrayText {...props} />
  if (field.enumeration !== undefined) return <Choice {...props} />
  if (field.type === 'boolean')
    return (
      <input
        id={id}
        type="checkbox"
        aria-describedby={describedBy}
        checked={text === 'true'}
        onChange={event => onText(String(event.currentTarget.checked))}
      />
    )
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

/** One parameter: name, a control that fits its type, units, and what is wrong with it, if anything is. */
export function ParameterInput(props: ParameterInputProps) {
  const { field, text, problem } = props
  const id = `parameter-${field.name}`
  const describedBy = `${id}-note`
  const typeText =
    field.count > 1 ? `${field.type}[${field.count}], ${elementsOf(text).length} given` : field.type
  return (
    <div class={`parameter${problem === undefined ? '' : ' parameter-wrong'}`}>
      <label for={id} title={field.description}>
        {field.name}
      </label>
      <span class="parameter-control">
        <Control {...props} id={id} describedBy={describedBy} />
        <span class="row-units">{field.units}</span>
      </span>
      <span class="parameter-note" id={describedBy} role={problem === undefined ? undefined : 'alert'}>
        {problem ?? typeText}
      </span>
    </div>
  )
}
