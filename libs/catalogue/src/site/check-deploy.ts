import { didYouMean } from '@meridian/errors'
import type { Catalogue } from '../model.ts'
import type { SiteFault } from './check-site.ts'
import { instanceNameOf, type Site } from './site.ts'

const SITE_TOKEN = /^[A-Za-z0-9_-]{1,50}$/

/** What is wrong with how a site is deployed: profiles of what is not there, sizes and links that cannot be. */
export const findDeployFaults = (site: Site, catalogue: Catalogue): SiteFault[] => [
  ...profileFaults(site, catalogue),
  ...gatewayFaults(site),
  ...leafFaults(site),
  ...nkeyFaults(site)
]

/** Of components that the site does not have there may be profiles: what several sites have in common lists those of all. */
function profileFaults({ profiles, instances, parts }: Site, catalogue: Catalogue): SiteFault[] {
  const known = new Set([
    'rest',
    ...catalogue.components,
    ...instances.map(({ csc }) => csc),
    ...instances.map(instanceNameOf),
    ...[...parts.values()].flatMap(list => list.map(({ name }) => `part:${name}`))
  ])
  return [...profiles.keys()]
    .filter(name => !known.has(name))
    .map(name => ({
      code: 'CAT_SITE_UNKNOWN',
      path: ['profiles', name],
      message: `'${name}' is no component, instance or part of this site${didYouMean(name, known)}`
    }))
}

function gatewayFaults({ deploy: { gateways } }: Site): SiteFault[] {
  if (gateways.min <= gateways.max) return []
  const message = `min ${gateways.min} is more than max ${gateways.max}`
  return [{ code: 'CAT_SITE_INVALID', path: ['deploy', 'gateways'], message }]
}

function leafFaults({ deploy: { brokerSite, leafs } }: Site): SiteFault[] {
  return Object.keys(leafs.dials).flatMap(site => {
    const path = ['deploy', 'leafs', 'dials', site]
    if (!SITE_TOKEN.test(site))
      return [{ code: 'CAT_SITE_INVALID', path, message: `'${site}' cannot be the name of a site` }]
    return site === brokerSite
      ? [{ code: 'CAT_SITE_INVALID', path, message: 'a broker cannot dial itself' }]
      : []
  })
}

/** The broker knows a process by its key, and by that alone what it may do. */
function nkeyFaults({ deploy: { nkeys } }: Site): SiteFault[] {
  const keys = Object.values(nkeys)
  return Object.entries(nkeys)
    .filter(([, key], at) => keys.indexOf(key) < at)
    .map(([kind]) => ({
      code: 'CAT_SITE_DUPLICATE',
      path: ['deploy', 'nkeys', kind],
      message: 'is the key of another kind of process too'
    }))
}
