import { type Catalogue, type Instance, loadCatalogue, loadInstances } from '@meridian/catalogue'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'

/** What the door tells of the observatory. */
export interface Observatory {
  readonly catalogue: Catalogue
  readonly instances: readonly Instance[]
}

/** Loads catalogue and instances as the configuration names them. Throws CAT_...; a site without a shipped list has none. */
export function loadObservatory(config: ApiConfig, log: Logger): Observatory {
  const { CATALOGUE_FILE, SITE_FILE: file, SITE_LIST: list, SITE: site } = config
  const catalogue = loadCatalogue(CATALOGUE_FILE === '' ? {} : { file: CATALOGUE_FILE })
  const listed = loadInstances({ file, list, site }, catalogue)
  if (listed === undefined) log.warn({ site }, 'no list of instances for this site')
  return { catalogue, instances: listed?.instances ?? [] }
}
