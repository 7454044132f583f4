import { createHash } from 'node:crypto'
import {
  type Catalogue,
  type Instance,
  type InstancePart,
  instanceNameOf,
  type ProducerProfile,
  type Site,
  topicsOfPart
} from '@meridian/catalogue'

/** One producer process of a site. */
export interface ProducerEntry {
  /** Of its folder and its Deployment, `producer-<name>`. */
  readonly name: string
  /** What it is assigned, in the words of the setting PRODUCE. */
  readonly produce: string
  readonly profile: ProducerProfile
  /** Where the site file names it. */
  readonly path: readonly (string | number)[]
}

/** The producer of everything that has none of its own. */
export const CATCH_ALL = 'rest'

/**
 * The producers of a site besides the catch-all, in the order of the file: one for each instance, or one for each of
 * its parts. The topics of a part are spelled out, so that a producer changes with what it is assigned and with
 * nothing else. None where the broker is another site's: there the site is only read.
 */
export function producerEntries(site: Site, catalogue: Catalogue): readonly ProducerEntry[] {
  if (isReadOnly(site)) return []
  return site.instances.flatMap(instance => {
    const parts = site.parts.get(instanceNameOf(instance))
    return parts === undefined
      ? [instanceEntry(site, instance, catalogue)]
      : parts.map((part, at) => partEntry(site, instance, part, at))
  })
}

/** Whether a place reads mirrors of a site and adds nothing to it. */
export const isReadOnly = ({ name, deploy }: Site): boolean => deploy.brokerSite !== name

const instanceEntry = (site: Site, instance: Instance, catalogue: Catalogue): ProducerEntry => ({
  name: kubernetesName(instance.index === 0 ? instance.csc : `${instance.csc}-${instance.index}`),
  produce: isOfAnyIndex(site, instance, catalogue) ? `${instance.csc}:*` : instanceNameOf(instance),
  profile: profileOf(site, instance),
  path: ['instances', instance.csc]
})

const partEntry = (site: Site, instance: Instance, part: InstancePart, at: number): ProducerEntry => ({
  name: part.name,
  produce: `${instanceNameOf(instance)}{only:${topicsOfPart(part).join('|')}}`,
  profile: site.profiles.get(`part:${part.name}`) ?? profileOf(site, instance),
  path: ['parts', instanceNameOf(instance), at]
})

/** 0 alone at a component that has indices is whatever index it uses. */
const isOfAnyIndex = ({ instances }: Site, { csc, index }: Instance, catalogue: Catalogue): boolean =>
  index === 0 &&
  catalogue.component(csc)?.indexed === true &&
  instances.filter(one => one.csc === csc).length === 1

const kubernetesName = (text: string): string => text.toLowerCase().replaceAll('_', '-')

const profileOf = ({ profiles }: Site, instance: Instance): ProducerProfile =>
  profiles.get(instanceNameOf(instance)) ?? profiles.get(instance.csc) ?? 'tiny'

const LARGEST_INDEX = 2 ** 31 - 1

/**
 * The index under which each producer beats, by name. It comes from the name, so that a producer more changes that of
 * no other: two names in 2^31 that meet are not to be expected, and then the later one in the order of names moves on.
 */
export function processIndices(names: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>()
  return new Map(
    [...names].sort().map(name => {
      let index = hashOf(name)
      while (taken.has(index)) index = (index % LARGEST_INDEX) + 1
      taken.add(index)
      return [name, index]
    })
  )
}

const hashOf = (name: string): number =>
  (createHash('sha256').update(name).digest().readUInt32BE(0) % LARGEST_INDEX) + 1
