import { CONDITION_LABELS } from './condition.ts'
import type { InstanceModel } from './instance-model.ts'

/** Says of the values of an instance that sends nothing any more that they are its last ones. */
export function LastValues({ model }: { readonly model: InstanceModel | undefined }) {
  if (model === undefined || !model.isOld.value) return null
  return <strong class="last-values">{CONDITION_LABELS[model.condition.value]}: last values</strong>
}
