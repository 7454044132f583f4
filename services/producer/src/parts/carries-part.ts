import { type Instance, instanceNameOf } from '@meridian/catalogue'
import type { ServicePart } from '@meridian/service'
import type { Assignment } from '../assignment.ts'
import type { OwnEvents } from '../own-events.ts'

/**
 * Tells at the start, as event `carries`, which components this producer carries: `instances` those of the
 * site whose heartbeats it publishes, `others` whether it is the catch-all for what no list names.
 */
export const carriesPart = (
  events: OwnEvents,
  assignment: Assignment,
  instances: readonly Instance[]
): ServicePart => ({
  name: 'what it carries',
  start: () => events.tell('carries', carriedBy(assignment, instances)),
  stop: () => undefined
})

function carriedBy(
  { has, selectors }: Assignment,
  instances: readonly Instance[]
): { instances: string[]; others: boolean } {
  const isCarried = ({ csc, index }: Instance): boolean => has({ csc, index, kind: 'hb', name: 'heartbeat' })
  // An instance that the assignment names and the site file does not list is carried all the same.
  const named = selectors === 'rest' ? [] : selectors.filter(hasIndex)
  const carried = [...instances, ...named].filter(isCarried).map(instanceNameOf)
  return { instances: [...new Set(carried)], others: selectors === 'rest' }
}

const hasIndex = <T extends { readonly index: number | undefined }>(
  selector: T
): selector is T & { readonly index: number } => selector.index !== undefined
