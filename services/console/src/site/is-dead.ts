import type { InstanceModel } from './instance-model.ts'

/** True for an instance that is not heard any more: the values that it sent last prove nothing about now. */
export const isDead = ({ condition }: Pick<InstanceModel, 'condition'>): boolean =>
  condition.value === 'silent' || condition.value === 'offline'
