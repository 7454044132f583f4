import { fileURLToPath } from 'node:url'

// Each path is spelled out, because bundling a service copies the files that stand in such an expression
// beside it: a `site.yaml` under the name of its folder.

/** Path of the facts that this package ships: the component interfaces of SAL 28, without descriptions. */
export const shippedFacts = fileURLToPath(new URL('../facts/sal-28.json', import.meta.url))

/** What a site file has that says nothing else. */
export const siteDefaultsFile = fileURLToPath(new URL('../facts/site-defaults.yaml', import.meta.url))

/** Site files by the name of the site, and `rubin`, which the others extend. */
const siteFiles = {
  base: new URL('../../../deploy/overlays/base/site.yaml', import.meta.url),
  rubin: new URL('../../../deploy/overlays/rubin.yaml', import.meta.url),
  small: new URL('../facts/sites/small.yaml', import.meta.url),
  summit: new URL('../../../deploy/overlays/summit/site.yaml', import.meta.url),
  tucson: new URL('../../../deploy/overlays/tucson/site.yaml', import.meta.url)
}

/** The shipped sites: Rubin's three, and `small`, a dozen instances for a quick look. */
export const shippedSites = ['base', 'small', 'summit', 'tucson'] as const

/** Path of the shipped file of a site; undefined where none of that name is shipped. */
export function shippedSiteFile(name: string): string | undefined {
  const known = shippedSites.find(site => site === name)
  return known && fileURLToPath(siteFiles[known])
}
