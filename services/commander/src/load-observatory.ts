import {
  type Catalogue,
  loadCatalogue,
  readSite,
  type Site,
  shippedSites,
  siteNames
} from '@meridian/catalogue'
import type { Logger } from 'pino'
import { instancesOf } from './check-command.ts'
import type { CommanderConfig } from './config.ts'

/** What can be commanded: the catalogue, and the instances of the site by component. */
export interface Observatory {
  readonly catalogue: Catalogue
  readonly instances: ReadonlyMap<string, readonly number[]>
}

/** Loads both as the configuration names them. Throws CAT_…; a site without a shipped list has the instances that are alive. */
export function loadObservatory(config: CommanderConfig, log: Logger): Observatory {
  const file = config.CATALOGUE_FILE
  const catalogue = loadCatalogue(file === '' ? {} : { file })
  const site = loadInstances(config, catalogue)
  if (site === undefined)
    log.warn({ site: config.SITE }, 'no list of instances: only what is alive can be commanded')
  return { catalogue, instances: instancesOf(site) }
}

function loadInstances(config: CommanderConfig, catalogue: Catalogue): Site | undefined {
  const name = config.SITE_LIST || config.SITE
  if (config.SITE_FILE !== '') return readSite(config.SITE_FILE, { name, catalogue })
  return siteNames().includes(name) ? readSite(shippedSites, { name, catalogue }) : undefined
}
