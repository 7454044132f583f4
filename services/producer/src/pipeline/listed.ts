import type { Catalogue, Site } from '@meridian/catalogue'
import { instanceNameOf } from '@meridian/catalogue'
import type { SourceTopic } from '../sources/source-topic.ts'

/** What the site and the catalogue know by name. */
export interface Listed {
  /** Whether catalogue or site lists the component. */
  component(csc: string): boolean
  /** Whether the site lists this instance. */
  instance(topic: Pick<SourceTopic, 'csc' | 'index'>): boolean
}

/** The look-up of what catalogue and site list. */
export function createListed(catalogue: Catalogue, { instances, components }: Site): Listed {
  const names = new Set(instances.map(instanceNameOf))
  const own = new Set([...components.keys(), ...instances.map(({ csc }) => csc)])
  return {
    component: csc => catalogue.component(csc) !== undefined || own.has(csc),
    instance: topic => names.has(instanceNameOf(topic))
  }
}
