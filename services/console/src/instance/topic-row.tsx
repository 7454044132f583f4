import { useComputed } from '@preact/signals'
import { formatAge } from '../format/age.ts'
import { useShell } from '../shell.ts'
import { staleAfterMs } from './freshness.ts'
import type { Row } from './rows.ts'

interface TopicRowProps {
  readonly row: Extract<Row, { kind: 'topic' }>
  readonly onToggle: () => void
}

/** Heads the fields of a topic: its name, its key, how old its last message is. */
export function TopicRow({ row, onToggle }: TopicRowProps) {
  const { clock } = useShell()
  const { topic, spec } = row
  const ageMs = useComputed(() => clock.ageMs(topic.heardMs.value))
  const stale = useComputed(
    () => topic.kind === 'telemetry' && ageMs.value > staleAfterMs(spec?.rateHz)
  ).value
  const age = useComputed(() => formatAge(ageMs.value))
  return (
    <div class={`row row-topic${stale ? ' row-stale' : ''}`}>
      <button type="button" class="row-toggle" aria-expanded={row.open} onClick={onToggle}>
        <span class="twist" aria-hidden="true" />
        {topic.name}
        {topic.key !== undefined && <span class="row-key">{topic.key}</span>}
      </button>
      {topic.uncatalogued && <span class="tag">uncatalogued</span>}
      <span class="row-kind">{topic.kind === 'event' ? 'event' : ''}</span>
      <span class="row-age">
        {stale ? 'STALE ' : ''}
        {age}
      </span>
    </div>
  )
}
