import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import { preciseTextOf } from '../format/stamp.ts'
import { instanceHref } from '../route.ts'
import { useShell } from '../shell.ts'
import { clockNoteOf } from '../site/clock-note.ts'
import { CONDITION_LABELS, type Condition, outlivesHeartbeat, SUMMARY_STATES } from '../site/condition.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { unheardStateOf } from '../site/unheard-state.ts'

/** The summary state of before an instance was heard no more; undefined where it said none, or still shows. */
function lastKnownOf({ summaryState, condition, isDead }: InstanceModel): string | undefined {
  const stated = SUMMARY_STATES[summaryState.value ?? 0]
  if (!isDead.value || stated === undefined || outlivesHeartbeat(condition.value)) return undefined
  return CONDITION_LABELS[stated]
}

/** Of an instance in FAULT or OFFLINE, whose condition does not say that it is heard no more. */
const isUnheard = ({ condition, isDead }: InstanceModel): boolean =>
  isDead.value && outlivesHeartbeat(condition.value)

/** A number that SAL does not have is worth a look: what it means, only its device knows. */
function strangeStateOf({ summaryState, condition }: InstanceModel): string | undefined {
  const state = summaryState.value
  return condition.value === 'device' && state !== undefined ? `state ${state}?` : undefined
}

/** What a person hears of a tile: more than fits on it. */
function labelOf(model: InstanceModel, condition: Condition, age: string): string {
  const last = lastKnownOf(model)
  const code = model.error.value?.code ?? 0
  const clock = clockNoteOf(model.clockAheadSeconds.value)
  return [
    model.id,
    CONDITION_LABELS[condition],
    last && `last known ${last}, ${age} ago`,
    isUnheard(model) && `not heard, ${age}`,
    code !== 0 && `error ${code}`,
    clock,
    model.uncatalogued && 'not in the catalogue'
  ]
    .filter(Boolean)
    .join(', ')
}

/** As of when its state is known, where its producer has not listened since without a break. */
function useStateMark(model: InstanceModel): string | undefined {
  const { fleet } = useShell()
  return useComputed(() => {
    const unheard = model.isDead.value ? undefined : unheardStateOf(fleet, model)
    return unheard && `as of ${preciseTextOf(unheard.said).slice(0, 5)}`
  }).value
}

/** What is unusual about an instance: that its clock is wrong, its state is old, or nobody listed it. */
function Marks({ model }: { readonly model: InstanceModel }) {
  const asOf = useStateMark(model)
  const clock = useComputed(() => clockNoteOf(model.clockAheadSeconds.value)).value
  return (
    <>
      {clock !== undefined && (
        <span class="tile-mark tile-clock" title="what it stamps differs from the observatory's clock">
          {clock}
        </span>
      )}
      {asOf !== undefined && clock === undefined && (
        <span class="tile-mark" title="what it has said since, while no producer listened, reached nobody">
          {asOf}
        </span>
      )}
      {model.uncatalogued && clock === undefined && asOf === undefined && (
        <span class="tile-mark" title="not in the catalogue">
          not listed
        </span>
      )}
    </>
  )
}

/** Names longer than this are set smaller, so that they stand whole on a tile. */
const LONG_NAME = 16

/**
 * One instance: shape, name, state in words, age of the heartbeat. What is old is marked as a whole, with the
 * state that was known last. Renders anew only when its condition changes.
 */
export function Tile({ model, focusable }: { readonly model: InstanceModel; readonly focusable: boolean }) {
  const condition = model.condition.value
  const age = useAge(
    () =>
      model.heartbeatMs.value ?? (model.summaryState.value === undefined ? model.dataMs.value : undefined),
    'no heartbeat'
  )
  const label = useComputed(() => labelOf(model, model.condition.value, age.value))
  const last = lastKnownOf(model)
  const unheard = isUnheard(model) ? 'not heard' : strangeStateOf(model)
  const note = last === undefined ? unheard : `was ${last}`
  const dead = model.isDead.value
  const long = model.id.length > LONG_NAME ? ' tile-long' : ''
  return (
    <a
      class={`tile tile-${condition}${dead ? ' tile-dead' : ''}${long}`}
      href={instanceHref(model.csc, model.index)}
      tabIndex={focusable ? 0 : -1}
      data-id={model.id}
      aria-label={dead ? label : labelOf(model, condition, '')}
      title={dead ? label : undefined}
    >
      <span class="tile-name">
        <Shape name={condition} />
        <span class="tile-csc">{model.csc}</span>
        {model.index !== 0 && <span class="tile-index">:{model.index}</span>}
        <Marks model={model} />
      </span>
      <span class="tile-foot">
        <span class="tile-state">{CONDITION_LABELS[condition]}</span>
        <span class="tile-age">{age}</span>
        {note !== undefined && <span class="tile-was">{note}</span>}
      </span>
    </a>
  )
}
