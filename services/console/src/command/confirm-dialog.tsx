import { useEffect, useRef } from 'preact/hooks'
import { formatScalar } from '../format/value.ts'

/** What a person is asked to confirm. */
export interface Question {
  readonly target: string
  readonly command: string
  readonly params: Readonly<Record<string, unknown>>
  /** Why it may not do what is wanted. */
  readonly warning: string | undefined
}

interface ConfirmDialogProps {
  readonly question: Question
  readonly onAnswer: (yes: boolean) => void
}

const paramText = (value: unknown): string =>
  Array.isArray(value) ? `[${value.length} values]` : formatScalar(value)

/** Asks once more before something moves. The safe answer has the focus; Esc is the safe answer too. */
export function ConfirmDialog({ question, onAnswer }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const { target, command, params, warning } = question
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={() => onAnswer(false)}>
      <h2 id="confirm-title">
        Send {command} to {target}?
      </h2>
      <dl>
        {Object.entries(params).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{paramText(value)}</dd>
          </div>
        ))}
      </dl>
      {warning !== undefined && <p class="confirm-warning">{warning}</p>}
      <div class="confirm-buttons">
        {/* biome-ignore lint/a11y/noAutofocus: a modal dialog must take the focus, and the safe answer gets it */}
        <button type="button" autoFocus onClick={() => onAnswer(false)}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={() => onAnswer(true)}>
          Send {command}
        </button>
      </div>
    </dialog>
  )
}
