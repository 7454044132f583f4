import { utcMsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import { dateTextOf, preciseTextOf } from '../format/stamp.ts'
import { Meant } from '../meant.tsx'
import { OVERVIEW_HREF } from '../route.ts'
import { useShell } from '../shell.ts'
import { clockNoteOf } from '../site/clock-note.ts'
import { CONDITION_LABELS, outlivesHeartbeat, SUMMARY_STATES } from '../site/condition.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { noAccessText, readableOf } from '../site/no-access.ts'
import { tellingOf } from '../site/told-clocks.ts'
import { unheardStateOf } from '../site/unheard-state.ts'
import { RefusedNamesNotes, RefusedNotes } from './refused-notes.tsx'

function ErrorLine({ model }: { readonly model: InstanceModel }) {
  const error = model.error.value
  if (error === undefined) return null
  if (error.code === 0) return <span class="fact">no error</span>
  return (
    <details class="error-line">
      <summary>
        <Shape name="critical" /> error <strong>{error.code}</strong> {error.report}{' '}
        <span class="quiet-text">{preciseTextOf(error.time)} UTC</span>
      </summary>
      <pre>{error.traceback || 'no traceback'}</pre>
    </details>
  )
}

/** What a component said before it was heard no more: `last known ENABLED, SILENT for 12 s`. */
function LastKnown({ model }: { readonly model: InstanceModel }) {
  const silentFor = useAge(
    () => model.heartbeatMs.value ?? model.dataMs.value,
    'as long as this page knows it'
  )
  const last = SUMMARY_STATES[model.summaryState.value ?? 0]
  const condition = model.condition.value
  return (
    <span class="fact last-known">
      last known <strong>{last === undefined ? 'state: none' : CONDITION_LABELS[last]}</strong>,{' '}
      {outlivesHeartbeat(condition) ? 'not heard' : CONDITION_LABELS[condition]} for{' '}
      <span class="number">{silentFor}</span>;{' '}
      {model.isOld.value ? 'all values below are old' : 'it still sends data: the age of each topic tells'}
    </span>
  )
}

/** That its state is as of before its producer listened without a break, and may have changed unheard. */
function StateNote({ model }: { readonly model: InstanceModel }) {
  const { fleet } = useShell()
  const unheard = useComputed(() => unheardStateOf(fleet, model)).value
  if (unheard === undefined || model.isDead.value) return null
  const { producer, said, since } = unheard
  const day = dateTextOf(utcMsOf(said))
  return (
    <span class="tag" title="what it says while no producer listens reaches nobody">
      state as of {day === dateTextOf(utcMsOf(since)) ? '' : `${day} `}
      {preciseTextOf(said).slice(0, 8)} UTC; {producer} listens since {preciseTextOf(since).slice(0, 8)} UTC
      and has heard no state
    </span>
  )
}

/** That its clock is off; since when, where a producer tells of the same. */
function ClockNote({ model, id }: { readonly model: InstanceModel | undefined; readonly id: string }) {
  const { fleet } = useShell()
  const ahead = model?.clockAheadSeconds.value ?? 0
  const note = clockNoteOf(ahead)
  const told = useComputed(() => fleet.toldClocks.byId.value.get(id)).value
  const telling = tellingOf(told, ahead)
  if (note === undefined) return null
  return (
    <span class="chip chip-warn" title="what it stamps differs from the observatory's clock">
      <Shape name="warning" /> {note}
      {telling !== undefined &&
        `, steadily, as producer ${telling.producer} told at ${preciseTextOf(telling.time).slice(0, 8)} UTC`}
    </span>
  )
}

/** That nobody knows it: the site does not list it, and nothing was heard of it. */
function NotListed({ id }: { readonly id: string }) {
  const { site } = useShell()
  if (site.value === undefined) return null
  return (
    <span class="not-listed">
      <span class="tag">not listed in this site, and never heard</span>
      <Meant address={id} />
    </span>
  )
}

/** Why nobody here can say how it fares. */
function NoAccessNote({ model }: { readonly model: InstanceModel }) {
  const { reading } = useShell()
  const text = useComputed(() => noAccessText(reading, model)).value
  return <span class="tag">{text}</span>
}

/** Who this is and how it fares. */
export function InstanceHead({
  model,
  id
}: {
  readonly model: InstanceModel | undefined
  readonly id: string
}) {
  const { fleet, reading } = useShell()
  const condition = model?.condition.value ?? 'nodata'
  const mayHear = model === undefined || readableOf(reading, model).heartbeat
  const age = useAge(() => model?.heartbeatMs.value, 'never heard')
  const since = model?.stateTime.value
  const forgottenAt = fleet.forgotten.value.get(id)
  const producer = model?.judgement.value.silentProducer
  return (
    <div class={`instance-head head-${condition}`}>
      <a class="back" href={OVERVIEW_HREF} aria-label="Back to overview">
        ‹ Overview
      </a>
      <h1>{id}</h1>
      <span class={`state state-${condition}`} role="status">
        <Shape name={condition} /> {CONDITION_LABELS[condition]}
      </span>
      {model?.isDead.value && <LastKnown model={model} />}
      {since !== undefined && !model?.isDead.value && (
        <span class="fact">since {preciseTextOf(since).slice(0, 8)} UTC</span>
      )}
      {model !== undefined && <StateNote model={model} />}
      {mayHear && (
        <span class="fact">
          <span class="fact-name">heartbeat</span> <span class="number">{age}</span>
        </span>
      )}
      {condition === 'unjudged' && producer !== undefined && (
        <span class="tag">{producer.replace(':', ' ')} is silent</span>
      )}
      {condition === 'noaccess' && model !== undefined && <NoAccessNote model={model} />}
      <ClockNote model={model} id={id} />
      {forgottenAt !== undefined && (
        <span class="tag">
          forgotten {preciseTextOf(forgottenAt).slice(0, 8)} UTC: its names were removed, what is below is
          from before
        </span>
      )}
      {model?.uncatalogued && <span class="tag">not in the catalogue</span>}
      {model === undefined && forgottenAt === undefined && <NotListed id={id} />}
      <RefusedNotes id={id} />
      <RefusedNamesNotes isWanted={({ component }) => id.startsWith(`${component}:`)} />
      {model !== undefined && <ErrorLine model={model} />}
    </div>
  )
}
