import { utcMsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { dateTextOf, preciseTextOf } from '../format/stamp.ts'
import { changePatterns } from '../overview-patterns.ts'
import type { PanelName } from '../panel.tsx'
import { useShell } from '../shell.ts'
import { CONDITION_LABELS } from '../site/condition.ts'
import type { StateChange, StateLog } from '../site/state-log.ts'
import { AttentionList } from './attention-list.tsx'

function Change({ change }: { readonly change: StateChange }) {
  const { clock } = useShell()
  const { id, before, after, isBack, time } = change
  const date = dateTextOf(utcMsOf(time))
  const isToday = date === dateTextOf(clock.siteMs.peek())
  return (
    <li class={`change change-${after}`}>
      <span class="number">
        {!isToday && `${date.slice(5)} `}
        {preciseTextOf(time).slice(0, 8)}
      </span>{' '}
      <Shape name={after} /> {id}{' '}
      {before !== undefined && <span class="quiet-text">{CONDITION_LABELS[before]}</span>} →{' '}
      {isBack && 'heard again, '}
      {CONDITION_LABELS[after]}
    </li>
  )
}

interface StateChangeListProps {
  readonly panel: PanelName
  readonly changes: StateLog
}

/** Changes of summary states, silence and its end, newest first: from the record, and as they happen. */
export function StateChangeList({ panel, changes }: StateChangeListProps) {
  const { reading } = useShell()
  const refusal = useComputed(() => reading.refusalOf(changePatterns())).value
  return (
    <AttentionList
      refusal={refusal && `You may not read how states change: ${refusal}.`}
      panel={panel}
      items={changes.entries.value}
      calm="None on record"
      render={change => <Change key={`${change.id} ${change.after} ${change.time}`} change={change} />}
    />
  )
}
