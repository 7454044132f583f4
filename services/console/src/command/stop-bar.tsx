import { taiSecondsOf } from '@meridian/time'
import type { SpecState } from '../catalogue.ts'
import { Shape } from '../chrome/shape.tsx'
import { preciseTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'
import { CONDITION_LABELS, outlivesHeartbeat } from '../site/condition.ts'
import { type InstanceModel, instanceIdOf } from '../site/instance-model.ts'
import { ownTextOf } from '../site/own-component.ts'
import {
  type CommandEntry,
  type Door,
  isLost,
  LOOK_UP_TEXT,
  STATE_LABELS,
  shapeOfState,
  stateOf
} from './command-entry.ts'
import { useRefusals } from './refusal.ts'
import { standingWarningOf } from './stop-warning.ts'
import { STOP_KEYS } from './stops.ts'
import { useStopChord } from './use-stop-chord.ts'
import { useStops } from './use-stops.ts'

interface StopBarProps {
  readonly csc: string
  readonly index: number
  readonly spec: SpecState
  readonly model: InstanceModel | undefined
}

const DOOR_TEXTS: Readonly<Record<Door, string>> = {
  gateway: 'by the gateway',
  api: 'by HTTP to the api, as the gateway did not take it'
}

/** By which way a stop went out, or that it is tried by both. */
function Way({ door, isSending }: { readonly door: Door | undefined; readonly isSending: boolean }) {
  const { connection } = useShell()
  const isLinkSound = connection.health.value.kind === 'sound'
  if (door !== undefined) return <span class={`stop-way stop-way-${door}`}> · sent {DOOR_TEXTS[door]}</span>
  if (!isSending || isLinkSound) return null
  return (
    <span class="stop-way stop-way-api"> · no live way to the commanders: asking the api by HTTP too</span>
  )
}

interface OutcomeProps {
  readonly entry: CommandEntry | undefined
  /** When the last heartbeat of the component came, TAI seconds. */
  readonly heardTai: number | undefined
}

/** How far the newest stop of this page got, in its place: whoever pressed need not look elsewhere. */
function Outcome({ entry, heardTai }: OutcomeProps) {
  const warning = entry && standingWarningOf(entry, heardTai)
  const state = entry && stateOf(entry)
  const step = entry?.steps.at(-1)
  return (
    <p class="stop-outcome" role="status">
      {entry !== undefined && state !== undefined && (
        <span class={`step-${shapeOfState(state)}`} data-stop={state}>
          <Shape name={shapeOfState(state)} /> {entry.command}: <strong>{STATE_LABELS[state]}</strong>{' '}
          {step?.time !== undefined && <span class="number">{preciseTextOf(step.time)} UTC</span>}{' '}
          {step?.detail}
        </span>
      )}
      {entry !== undefined && <Way door={entry.door} isSending={state === 'sending'} />}
      {state !== undefined && isLost(state) && <span class="stop-way"> · {LOOK_UP_TEXT}</span>}
      {warning !== undefined && <span class="stop-warning"> · {warning}</span>}
    </p>
  )
}

/** Why there is nothing to press. */
function noStopText(csc: string, spec: SpecState, isSiteKnown: boolean): string {
  if (ownTextOf(csc) !== undefined) return `${csc} is part of Meridian: there is nothing to stop.`
  if (spec.kind === 'uncatalogued') return `The catalogue does not know ${csc}: no stop of it is known here.`
  if (spec.kind === 'known' && isSiteKnown) return `${csc} has no command that stops or aborts anything.`
  return 'Waiting for the api to tell the stops.'
}

/**
 * The stops and aborts of one instance, always in sight and never disabled: neither state, silence, a running
 * command nor a lost connection is a reason not to try. The keyboard's chord sends the first.
 */
export function StopBar({ csc, index, spec, model }: StopBarProps) {
  const { site, commands, clock } = useShell()
  const { stops, sendStop } = useStops(csc, index, spec)
  const refusal = useRefusals(csc)
  const refused = stops[0] && refusal(stops[0].command)
  const target = instanceIdOf(csc, index)
  const heardMs = model?.heartbeatMs.value
  const names = new Set(stops.map(({ command }) => command))
  const newest = commands.entries.value.find(entry => entry.target === target && names.has(entry.command))
  useStopChord(() => stops[0] && sendStop(stops[0]))

  return (
    <section class="stop-bar" aria-label="Stop">
      {stops.map((stop, i) => (
        <button
          type="button"
          key={stop.command}
          class={refusal(stop.command) === undefined ? 'stop' : 'stop refused'}
          title={refusal(stop.command)}
          aria-keyshortcuts={i === 0 ? STOP_KEYS.join('+') : undefined}
          onClick={() => sendStop(stop)}
        >
          {stop.command}
        </button>
      ))}
      {stops.length === 0 && <p class="calm">{noStopText(csc, spec, site.value !== undefined)}</p>}
      {stops[0] !== undefined && (
        <p class="stop-keys">
          {STOP_KEYS.map((key, i) => (
            <span key={key}>
              {i > 0 && '+'}
              <kbd>{key}</kbd>
            </span>
          ))}{' '}
          sends {stops[0].command}
        </p>
      )}
      <Outcome entry={newest} heardTai={heardMs && taiSecondsOf(clock.siteMsOf(heardMs))} />
      {refused !== undefined && <p class="refused-before">{refused}</p>}
      {model?.isDead.value && stops.length > 0 && (
        <p class="stop-warning">
          {target} is {CONDITION_LABELS[model.condition.value]}
          {outlivesHeartbeat(model.condition.value) && ' and not heard'}: a stop goes out all the same, but
          may not be heard.
        </p>
      )}
    </section>
  )
}
