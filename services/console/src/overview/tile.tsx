import { Shape } from '../chrome/shape.tsx'
import { useAge } from '../chrome/use-age.ts'
import { instanceHref } from '../route.ts'
import { CONDITION_LABELS } from '../site/condition.ts'
import type { InstanceModel } from '../site/instance-model.ts'

/** The summary state that a silent component had last; what it says is no longer true. */
function LastState({ model }: { readonly model: InstanceModel }) {
  if (model.condition.value !== 'silent') return null
  const names = ['', 'DISABLED', 'ENABLED', 'FAULT', 'OFFLINE', 'STANDBY']
  const name = names[model.summaryState.value ?? 0]
  return name ? <s class="tile-was">{name}</s> : null
}

/** Names longer than this are set smaller, so that they stand whole on a tile. */
const LONG_NAME = 16

/**
 * One instance: shape, name, state in words, age of the heartbeat. Renders anew only when its condition
 * changes.
 */
export function Tile({ model, focusable }: { readonly model: InstanceModel; readonly focusable: boolean }) {
  const condition = model.condition.value
  const age = useAge(
    () => model.heartbeatMs.value ?? (model.condition.value === 'device' ? model.dataMs.value : undefined),
    'no heartbeat'
  )
  const code = model.error.value?.code ?? 0
  const label = CONDITION_LABELS[condition]
  return (
    <a
      class={`tile tile-${condition}${model.id.length > LONG_NAME ? ' tile-long' : ''}`}
      href={instanceHref(model.csc, model.index)}
      tabIndex={focusable ? 0 : -1}
      data-id={model.id}
      aria-label={`${model.id}, ${label}${code !== 0 ? `, error ${code}` : ''}${model.uncatalogued ? ', not in the catalogue' : ''}`}
    >
      <span class="tile-name">
        <Shape name={condition} />
        <span class="tile-csc">{model.csc}</span>
        {model.index !== 0 && <span class="tile-index">:{model.index}</span>}
        {model.uncatalogued && (
          <span class="tile-mark" title="not in the catalogue">
            not listed
          </span>
        )}
      </span>
      <span class="tile-foot">
        <span class="tile-state">{label}</span>
        <span class="tile-age">{age}</span>
        <LastState model={model} />
      </span>
    </a>
  )
}
