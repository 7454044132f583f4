import { utcMsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { Shape } from '../chrome/shape.tsx'
import { formatAge } from '../format/age.ts'
import { dateTextOf, preciseTextOf } from '../format/stamp.ts'
import { ALARM_PATTERN } from '../overview-patterns.ts'
import type { PanelName } from '../panel.tsx'
import { useShell } from '../shell.ts'
import { ALARM_LABELS, type Alarm, openAlarms } from '../site/alarm.ts'
import type { Fleet } from '../site/fleet.ts'
import { AttentionList } from './attention-list.tsx'

const ALARM_SHAPES: Readonly<Record<number, string>> = { 2: 'warning', 3: 'serious', 4: 'critical' }

/** `since 02:14:07 UTC, 12 min`; what is gone was there from one moment to another. */
function AlarmTimes({ alarm }: { readonly alarm: Alarm }) {
  const { clock } = useShell()
  const { raised, cleared } = alarm
  const forText = useComputed(() => formatAge(clock.siteMs.value - utcMsOf(raised))).value
  const day = dateTextOf(utcMsOf(raised))
  const from = `${day === dateTextOf(clock.siteMs.peek()) ? '' : `${day} `}${preciseTextOf(raised).slice(0, 8)}`
  if (cleared !== undefined)
    return (
      <span class="number">
        {from} to {preciseTextOf(cleared).slice(0, 8)} UTC, {formatAge((cleared - raised) * 1000)}
      </span>
    )
  return (
    <span class="number">
      since {from} UTC, {forText}
    </span>
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
      <p title={alarm.reason}>
        <AlarmTimes alarm={alarm} /> · {alarm.reason} <em>{alarmNote(alarm)}</em>
      </p>
    </li>
  )
}

interface AlarmListProps {
  readonly panel: PanelName
  readonly alarms: Fleet['alarms']
}

/** Open alarms of the Watcher, in the order in which they need somebody. */
export function AlarmList({ panel, alarms }: AlarmListProps) {
  const { reading } = useShell()
  const open = useComputed(() => openAlarms(alarms.value.values())).value
  const refusal = useComputed(() => reading.refusalOf([ALARM_PATTERN])).value
  return (
    <AttentionList
      panel={panel}
      items={open}
      counted
      refusal={refusal && `You may not read alarms: ${refusal}.`}
      calm={`No open alarm of ${alarms.value.size} watched`}
      render={alarm => <AlarmItem key={alarm.name} alarm={alarm} />}
    />
  )
}
