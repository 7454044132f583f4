import { type Instance, instanceNameOf } from '@meridian/catalogue'
import type { ServicePart } from '@meridian/service'
import type { Assignment } from '../assignment.ts'
import type { OwnEvents } from '../own-events.ts'

/**
 * Tells as event `carries`, at the start and after each loss of the broker, which components this producer
 * carries: `instances` those of the site whose heartbeats it publishes, `others` whether it is the catch-all for
 * what no list names.
 */
export const carriesPart = (
  events: OwnEvents,
  assignment: Assignment,
  instances: readonly Instance[]
): ServicePart => {
  const tell = (): void => events.tell('carries', carriedBy(assignment, instances))
  let unlisten = (): void => undefined
  return {
    name: 'what it carries',
    start({ broker }) {
      tell()
      // What components said while it did not hear them reached nobody: pages show since when it listens.
      unlisten = broker.onState(state => state === 'connected' && tell())
    },
    stop: () => unlisten()
  }
}

function carriedBy(
  { has, selectors }: Assignment,
  instances: readonly Instance[]
): { instances: string[]; others: boolean } {
  const isAssigned = ({ csc, index }: Instance): boolean => has({ csc, index, kind: 'hb', name: 'heartbeat' })
  // An instance that the assignment names and the site file does not list counts as its own all the same.
  const named = selectors === 'rest' ? [] : selectors.filter(hasIndex)
  const assigned = [...instances, ...named].filter(isAssigned).map(instanceNameOf)
  return { instances: [...new Set(assigned)], others: selectors === 'rest' }
}

const hasIndex = <T extends { readonly index: number | undefined }>(
  selector: T
): selector is T & { readonly index: number } => selector.index !== undefined
