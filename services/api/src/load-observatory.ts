import {
  type Catalogue,
  type Instance,
  loadCatalogue,
  readSite,
  shippedSites,
  siteNames
} from '@meridian/catalogue'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'

/** What the door tells of the observatory. */
export interface Observatory {
  readonly catalogue: Catalogue
  readonly instances: readonly Instance[]
}

/** Loads catalogue and instances as the configuration names them. Throws CAT_...; a site without a shipped list has none. */
export function loadObservatory(config: ApiConfig, log: Logger): Observatory {
  const file = config.CATALOGUE_FILE
  const catalogue = loadCatalogue(file === '' ? {} : { file })
  const name = config.SITE_LIST || config.SITE
  if (config.SITE_FILE !== '')
    return { catalogue, instances: readSite(config.SITE_FILE, { name, catalogue }).instances }
  if (siteNames().includes(name))
    return { catalogue, instances: readSite(shippedSites, { name, catalogue }).instances }
  log.warn({ site: name }, 'no list of instances for this site')
  return { catalogue, instances: [] }
}
