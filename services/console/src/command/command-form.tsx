import { useSignal } from '@preact/signals'
import type { ComponentSpec, TopicSpec } from '../catalogue.ts'
import { ParameterInput } from './parameter-input.tsx'
import { type Draft, defaultDraft, parseParams } from './parse-params.ts'

interface CommandFormProps {
  readonly component: ComponentSpec
  readonly command: TopicSpec
  readonly enabled: boolean
  /** Why it will be refused; undefined where it will not. */
  readonly refusal: string | undefined
  /** Sends; gives back what the commander finds wrong, by parameter. */
  readonly onSend: (params: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, string>>>
}

/** The parameters of one command, and the button that sends it. */
export function CommandForm({ component, command, enabled, refusal, onSend }: CommandFormProps) {
  const draft = useSignal<Draft>({})
  const problems = useSignal<Readonly<Record<string, string>>>({})

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    const parsed = parseParams(command, draft.peek())
    problems.value = parsed.kind === 'wrong' ? parsed.problems : {}
    if (parsed.kind === 'ready') problems.value = await onSend(parsed.params)
  }

  function setText(name: string, text: string): void {
    draft.value = { ...draft.peek(), [name]: text }
    const { [name]: _, ...others } = problems.peek()
    problems.value = others
  }

  return (
    <form
      class="command-form"
      aria-label={`Command ${command.name}`}
      onSubmit={event => void submit(event)}
      noValidate
    >
      {command.fields.length === 0 && <p class="calm">No parameters</p>}
      {command.fields.map(field => (
        <ParameterInput
          key={field.name}
          component={component}
          field={field}
          text={draft.value[field.name] ?? ''}
          problem={problems.value[field.name]}
          onText={text => setText(field.name, text)}
        />
      ))}
      {refusal !== undefined && <p class="refused-before">{refusal}</p>}
      <div class="form-buttons">
        {command.fields.length > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              draft.value = { ...defaultDraft(command), ...draft.peek() }
            }}
          >
            Fill in defaults
          </button>
        )}
        <button type="submit" class="primary" disabled={!enabled || refusal !== undefined}>
          {enabled ? `Send ${command.name}` : 'No connection'}
        </button>
      </div>
    </form>
  )
}
