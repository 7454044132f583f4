import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import { preciseTextOf } from '../format/stamp.ts'
import { instanceHref } from '../route.ts'
import { useShell } from '../shell.ts'
import { ALARM_LABELS, type Alarm, openAlarms } from '../site/alarm.ts'
import { CONDITION_LABELS, isProblem, SUMMARY_STATES, urgencyOf } from '../site/condition.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import type { StateChange } from '../site/state-log.ts'

const ALARM_SHAPES: Readonly<Record<number, string>> = { 2: 'warning', 3: 'serious', 4: 'critical' }

function Problem({ model }: { readonly model: InstanceModel }) {
  const condition = model.condition.value
  const error = model.error.value
  const age = useAge(() => model.heartbeatMs.value, 'no heartbeat')
  return (
    <li class={`problem problem-${condition}`}>
      <a href={instanceHref(model.csc, model.index)}>
        <Shape name={condition} /> <strong>{model.id}</strong> {CONDITION_LABELS[condition]}{' '}
        {condition === 'silent' && <span class="number">{age}</span>}
      </a>
      {condition === 'fault' && error !== undefined && error.code !== 0 && (
        <p>
          error {error.code}: {error.report}
        </p>
      )}
    </li>
  )
}

function Problems() {
  const { fleet } = useShell()
  const problems = useComputed(() =>
    fleet.instances.value
      .filter(m => isProblem(m.condition.value))
      .sort((a, b) => urgencyOf(a.condition.value) - urgencyOf(b.condition.value))
  ).value
  return (
    <section class="rail-part" aria-label="Needs attention">
      <h2>
        Needs attention <span class="group-count">{problems.length}</span>
      </h2>
      {problems.length === 0 ? (
        <p class="calm">No component in FAULT, none silent</p>
      ) : (
        <ul class="scroll">
          {problems.map(model => (
            <Problem key={model.id} model={model} />
          ))}
        </ul>
      )}
    </section>
  )
}

function alarmNote(alarm: Alarm): string {
  if (alarm.severity === 1) return 'no longer raised, not acknowledged'
  if (alarm.muted) return 'muted'
  return alarm.acknowledged ? `acknowledged${alarm.acknowledgedBy ? ` by ${alarm.acknowledgedBy}` : ''}` : ''
}

function AlarmItem({ alarm }: { readonly alarm: Alarm }) {
  const level = alarm.severity > 1 ? alarm.severity : alarm.maxSeverity
  const calm = alarm.acknowledged || alarm.muted || alarm.severity === 1
  return (
    <li class={`alarm alarm-${level}${calm ? ' alarm-calm' : ''}`}>
      <span>
        <Shape name={ALARM_SHAPES[level] ?? 'info'} /> <strong>{ALARM_LABELS[level]}</strong> {alarm.name}
      </span>
      <p>
        {alarm.reason} <em>{alarmNote(alarm)}</em>
      </p>
    </li>
  )
}

function Alarms() {
  const { fleet } = useShell()
  const alarms = useComputed(() => openAlarms(fleet.alarms.value.values())).value
  return (
    <section class="rail-part" aria-label="Alarms">
      <h2>
        Alarms <span class="group-count">{alarms.length}</span>
      </h2>
      {alarms.length === 0 ? (
        <p class="calm">No open alarm of {fleet.alarms.value.size} watched</p>
      ) : (
        <ul class="scroll">
          {alarms.map(alarm => (
            <AlarmItem key={alarm.name} alarm={alarm} />
          ))}
        </ul>
      )}
    </section>
  )
}

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

function Changes() {
  const { fleet } = useShell()
  const changes = fleet.changes.entries.value
  return (
    <section class="rail-part rail-changes" aria-label="State changes">
      <h2>State changes</h2>
      {changes.length === 0 ? (
        <p class="calm">None since this page was opened</p>
      ) : (
        <ul class="scroll">
          {changes.map(change => (
            <Change key={`${change.id} ${change.time}`} change={change} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** What an operator must not overlook, beside the tiles. */
export function Rail() {
  return (
    <aside class="rail" aria-label="Attention">
      <Problems />
      <Alarms />
      <Changes />
    </aside>
  )
}
