import { Shape } from '../chrome/shape.tsx'
import { preciseTextOf } from '../format/stamp.ts'
import type { PanelName } from '../panel.tsx'
import { CONDITION_LABELS, SUMMARY_STATES } from '../site/condition.ts'
import type { StateChange, StateLog } from '../site/state-log.ts'
import { AttentionList } from './attention-list.tsx'

const stateName = (state: number | undefined): string =>
  state === undefined ? '' : CONDITION_LABELS[SUMMARY_STATES[state] ?? 'nodata']

function Change({ change }: { readonly change: StateChange }) {
  return (
    <li class="change">
      <span class="number">{preciseTextOf(change.time).slice(0, 8)}</span>{' '}
      <Shape name={SUMMARY_STATES[change.after] ?? 'nodata'} /> {change.id}{' '}
      <span class="quiet-text">{stateName(change.before)}</span> → {stateName(change.after)}
    </li>
  )
}

interface StateChangeListProps {
  readonly panel: PanelName
  readonly changes: StateLog
}

/** Changes of summary states since the page was opened, newest first. */
export function StateChangeList({ panel, changes }: StateChangeListProps) {
  return (
    <AttentionList
      panel={panel}
      items={changes.entries.value}
      calm="None since this page was opened"
      render={change => <Change key={`${change.id} ${change.time}`} change={change} />}
    />
  )
}
