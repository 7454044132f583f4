import { type Catalogue, type Instance, SCRIPTS_PER_QUEUE } from '@meridian/catalogue'
import type { Assignment } from '../../assignment.ts'
import type { SharedTopic } from '../../stored/stored-samples.ts'

/** What is assigned, and which instances there are. */
export interface WantedOptions {
  readonly assignment: Pick<Assignment, 'has' | 'selectors'>
  readonly catalogue: Catalogue
  readonly instances: readonly Instance[]
}

/** Queues of an observatory [docs/sal.md#script-queues]. */
const QUEUES = [1, 2, 3]
/** Stands for the instances that no list names. */
const UNLISTED = 0x7fffffff

/** Whether anything of a topic may be assigned: which instances speak is known only when they do. */
export const isWanted = (topic: SharedTopic, options: WantedOptions): boolean =>
  indicesOf(topic.csc, options).some(index => options.assignment.has({ ...topic, index }))

function indicesOf(csc: string, options: WantedOptions): readonly number[] {
  if (csc === 'Script')
    return [...QUEUES, ...namedIndices('ScriptQueue', options)].map(queue => queue * SCRIPTS_PER_QUEUE)
  const component = options.catalogue.component(csc)
  if (component?.indexed === false) return [0]
  return [0, UNLISTED, ...namedIndices(csc, options)]
}

/** Indices by which the site or the assignment names instances of a component. */
function namedIndices(
  csc: string,
  { instances, assignment: { selectors } }: WantedOptions
): readonly number[] {
  const named = [...instances, ...(selectors === 'rest' ? [] : selectors)]
  return named.flatMap(instance =>
    instance.csc === csc && instance.index !== undefined ? [instance.index] : []
  )
}
