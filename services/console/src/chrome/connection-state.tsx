import { formatAge } from '../format/age.ts'
import { useShell } from '../shell.ts'
import { Processes } from './processes.tsx'
import { Shape } from './shape.tsx'
import { useAge } from './use-age.ts'

const LABELS = {
  connecting: 'connecting',
  sound: 'live',
  lost: 'reconnecting',
  stalled: 'no answer',
  broker: 'broker lost',
  resuming: 'catching up',
  quiet: 'no data',
  closed: 'refused'
} as const

/** A clock that differs this much from the observatory's is worth a word. */
const CLOCK_WARNING_MS = 2000

function ClockWarning() {
  const offsetMs = useShell().clock.machineAheadMs.value
  if (Math.abs(offsetMs) < CLOCK_WARNING_MS) return null
  return (
    <span class="chip chip-warn" title="Times on this page are the gateway's">
      <Shape name="warning" /> this computer's clock is off by {formatAge(Math.abs(offsetMs))}
    </span>
  )
}

/** What the gateway said of its broker, for as long as that may be believed. */
const BROKER_DOUBTS: Partial<Record<keyof typeof LABELS, string>> = { stalled: 'unknown', quiet: 'no data' }

/**
 * Which gateway serves this page, whether it has its broker, how old the newest data is, and which processes
 * of Meridian beat.
 */
export function ConnectionState() {
  const { connection } = useShell()
  const status = connection.status.value
  const kind = connection.health.value.kind
  const age = useAge(() => connection.dataMs.value, 'none')
  const gateway = status.gateway ?? '—'
  const broker = BROKER_DOUBTS[kind] ?? status.broker
  return (
    <div class="link-state">
      <ClockWarning />
      <span class={`chip chip-link chip-${kind}`} title={`gateway ${gateway}, broker ${broker}`}>
        <Shape name={kind === 'sound' ? 'enabled' : 'silent'} />
        {LABELS[kind]}
      </span>
      <span class="fact fact-gateway">
        <span class="fact-name">gateway</span> {gateway}
      </span>
      <span class="fact fact-broker">
        <span class="fact-name">broker</span> {broker}
      </span>
      <span class="fact fact-age">
        <span class="fact-name">data age</span> <span>{age}</span>
      </span>
      <Processes />
    </div>
  )
}
