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
  ...dialFaults(site),
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
  const others = (['from', 'dials'] as const).flatMap(side =>
    Object.keys(leafs[side]).map(site => ({ side, site }))
  )
  return others.flatMap(({ side, site }) => {
    const path = ['deploy', 'leafs', side, site]
    if (!SITE_TOKEN.test(site))
      return [{ code: 'CAT_SITE_INVALID', path, message: `'${site}' cannot be the name of a site` }]
    return site === brokerSite
      ? [{ code: 'CAT_SITE_INVALID', path, message: 'a broker cannot dial itself' }]
      : []
  })
}

/** Two links to one address reach one broker, which is that of one site. */
function dialFaults({ deploy: { leafs } }: Site): SiteFault[] {
  const first = new Map<string, string>()
  return Object.entries(leafs.dials).flatMap(([site, url]) => {
    const address = addressOf(url)
    const other = first.get(address)
    if (other === undefined) first.set(address, site)
    return other === undefined
      ? []
      : [
          {
            code: 'CAT_SITE_DUPLICATE',
            path: ['deploy', 'leafs', 'dials', site],
            message: `has the address of '${other}': each site has a broker of its own`
          }
        ]
  })
}

/** Host and port that are dialled; without one, the server's own for links [nats-server: server/const.go]. */
const addressOf = (url: string): string => {
  const address = url.replace(/^.*:\/\//, '').toLowerCase()
  return /:\d+$/.test(address) ? address : `${address}:7422`
}

/** The broker knows a process by its key, and by that alone what it may do. */
function nkeyFaults({ deploy: { nkeys, oldNkeys, leafs } }: Site): SiteFault[] {
  const all = Object.entries({ nkeys, oldNkeys }).flatMap(([section, bySection]) =>
    Object.entries(bySection).map(([kind, key]) => ({ key, path: ['deploy', section, kind] }))
  )
  const brokers = Object.entries(leafs.from).map(([site, key]) => ({
    key,
    path: ['deploy', 'leafs', 'from', site]
  }))
  const keys = [...all, ...brokers]
  return keys
    .filter(({ key }, at) => keys.findIndex(other => other.key === key) < at)
    .map(({ path }) => ({
      code: 'CAT_SITE_DUPLICATE',
      path,
      message: 'is the key of another kind of process too'
    }))
}
