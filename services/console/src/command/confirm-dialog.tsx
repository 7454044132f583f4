import { useEffect, useRef } from 'preact/hooks'
import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { enumerationText } from '../format/enumeration.ts'
import { exactText } from '../format/exact.ts'
import { enumerationOf, fieldText } from '../instance/field-text.ts'
import type { PresentValue } from './present-value.ts'
import type { Stop } from './stops.ts'
import { useStopChord } from './use-stop-chord.ts'

/** One parameter that is about to be sent. */
export interface AskedParameter {
  readonly field: FieldSpec
  readonly value: unknown
  readonly present: PresentValue | undefined
}

/** What a person is asked to confirm. */
export interface Question {
  readonly target: string
  readonly command: string
  readonly component: ComponentSpec | undefined
  readonly parameters: readonly AskedParameter[]
  /** Why it may not do what is wanted. */
  readonly warning: string | undefined
}

interface ConfirmDialogProps {
  readonly question: Question
  /** The stops of the component: a dialog over the page must not stand between a person and them. */
  readonly stops: readonly Stop[]
  readonly onStop: (stop: Stop) => void
  readonly onAnswer: (yes: boolean) => void
}

/** The present value as the table of values shows it: it is there to compare, and not what is sent. */
const presentText = (component: ComponentSpec | undefined, field: FieldSpec, value: unknown): string =>
  `${fieldText(component, field, value)} ${field.units}`.trim()

/** A value with every digit that is sent, the name of its meaning, and its units. */
function valueText(component: ComponentSpec | undefined, field: FieldSpec, value: unknown): string {
  const enumeration = enumerationOf(component, field)
  const one = (v: unknown): string =>
    enumeration === undefined ? exactText(v) : enumerationText(enumeration, v)
  const text = Array.isArray(value) ? `[${value.map(one).join(', ')}]` : one(value)
  return field.units === '' ? text : `${text} ${field.units}`
}

/** Asks once more before something moves. The safe answer has the focus; Esc is the safe answer too. */
export function ConfirmDialog({ question, stops, onStop, onAnswer }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  // The stop bar sends the stop; what was about to move is not offered any more, as after a press on a stop here.
  useStopChord(() => onAnswer(false))
  const { target, command, component, parameters, warning } = question
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={() => onAnswer(false)}>
      <h2 id="confirm-title">
        Send {command} to {target}?
      </h2>
      <dl>
        {parameters.map(({ field, value, present }) => (
          <div key={field.name}>
            <dt>{field.name}</dt>
            <dd>
              {valueText(component, field, value)}
              {present !== undefined && (
                <span class="confirm-present">
                  now {presentText(component, field, present.value)} ({present.name})
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {warning !== undefined && <p class="confirm-warning">{warning}</p>}
      {stops.length > 0 && (
        <div class="confirm-stops">
          {stops.map(stop => (
            <button type="button" key={stop.command} class="stop" onClick={() => onStop(stop)}>
              {stop.command}
            </button>
          ))}
          <span>sends it at once, and not {command}</span>
        </div>
      )}
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
