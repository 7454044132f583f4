import { patternOf } from '@meridian/subjects'
import type { Reading } from '../session/reading.ts'
import type { Readable } from './condition.ts'
import type { InstanceModel } from './instance-model.ts'
import { componentCount } from './silent-producers.ts'

type Instance = Pick<InstanceModel, 'csc' | 'index'>

const heartbeatOf = ({ csc, index }: Instance): string => patternOf('hb', { csc, index })
const stateOf = ({ csc, index }: Instance): string => patternOf('evt', { csc, index, topic: 'summaryState' })

/** Which of the words that say how an instance fares may be read. Reads signals. */
export const readableOf = (reading: Reading, instance: Instance): Readable => ({
  heartbeat: reading.may(heartbeatOf(instance)),
  state: reading.may(stateOf(instance))
})

/** `you may not read its heartbeat: your role is viewer, it needs operator`; undefined where all may be read. Reads signals. */
export function noAccessText(reading: Reading, instance: Instance): string | undefined {
  const heartbeat = reading.refusalOf([heartbeatOf(instance)])
  if (heartbeat !== undefined) return `you may not read its heartbeat: ${heartbeat}`
  const state = reading.refusalOf([stateOf(instance)])
  return state && `you may not read its state: ${state}`
}

/** `NO ACCESS to 9 components, such as MTMount:0: you may not …`; undefined for none. Reads signals. */
export function noAccessSummary(
  reading: Reading,
  instances: ReadonlyArray<Instance & Pick<InstanceModel, 'id'>>
): string | undefined {
  const [first] = instances
  const why = first && noAccessText(reading, first)
  if (why === undefined) return undefined
  return `NO ACCESS to ${componentCount(instances.length)}, such as ${first?.id}: ${why}.`
}
