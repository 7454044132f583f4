import { taiSecondsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { preciseTextOf } from '../format/stamp.ts'
import { formatScalar } from '../format/value.ts'
import { useShell } from '../shell.ts'
import {
  type CommandEntry,
  isSettled,
  STATE_LABELS,
  type Step,
  shapeOfState,
  stateOf
} from './command-entry.ts'

function Countdown({ entry }: { readonly entry: CommandEntry }) {
  const { clock } = useShell()
  const left = useComputed(() => {
    if (entry.dueTai === undefined) return ''
    const seconds = Math.ceil(entry.dueTai - taiSecondsOf(clock.siteMs.value))
    return seconds >= 0 ? `${seconds} s left` : `overdue by ${-seconds} s`
  })
  return <span class="number countdown">{left}</span>
}

function StepItem({ step }: { readonly step: Step }) {
  return (
    <li class={`step step-${shapeOfState(step.state)}`} data-state={step.state}>
      <span class="number">{step.time === undefined ? '' : preciseTextOf(step.time)}</span>
      <Shape name={shapeOfState(step.state)} />
      <span>
        <strong>{STATE_LABELS[step.state]}</strong> {step.detail}
      </span>
    </li>
  )
}

const paramsText = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? `[${value.length}]` : formatScalar(value)}`)
    .join(' ')

function Entry({ entry }: { readonly entry: CommandEntry }) {
  const shape = shapeOfState(stateOf(entry))
  return (
    <li class={`command-entry entry-${shape}`} data-command={entry.command}>
      <h3>
        <Shape name={shape} /> {entry.target} {entry.command}{' '}
        {!isSettled(entry) && <Countdown entry={entry} />}
      </h3>
      <p class="quiet-text command-params">{paramsText(entry.params)}</p>
      <ol class="steps">
        {entry.steps.map((step, i) => (
          <StepItem key={`${step.state} ${i}`} step={step} />
        ))}
      </ol>
    </li>
  )
}

/** What this page has sent, and how far each command got. */
export function CommandHistory() {
  const { commands } = useShell()
  const entries = commands.entries.value
  return (
    <section class="command-history" aria-label="Commands of this page" aria-live="polite">
      <h3 class="sub-head">Sent from this page</h3>
      {entries.length === 0 && <p class="calm">None yet</p>}
      <ul>
        {entries.map(entry => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  )
}
