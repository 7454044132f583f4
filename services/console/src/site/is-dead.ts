import { isMissing, isOld } from './condition.ts'
import type { InstanceModel } from './instance-model.ts'

/** What tells whether an instance is heard. */
type Heard = Pick<InstanceModel, 'condition' | 'heartbeatMs' | 'judgement'>

/**
 * True for an instance that is not heard any more: the values that it sent last prove nothing about now. One in
 * FAULT stays in FAULT when it falls silent, and is dead all the same.
 */
export function isDead({ condition, heartbeatMs, judgement }: Heard): boolean {
  if (isOld(condition.value) || condition.value === 'offline') return true
  return condition.value === 'fault' && isMissing(heartbeatMs.value, judgement.value.asOfMs)
}
