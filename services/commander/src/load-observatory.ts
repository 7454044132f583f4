import { type Catalogue, loadCatalogue, loadInstances } from '@meridian/catalogue'
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
  const { CATALOGUE_FILE, SITE_FILE: file, SITE_LIST: list, SITE: site } = config
  const catalogue = loadCatalogue(CATALOGUE_FILE === '' ? {} : { file: CATALOGUE_FILE })
  const listed = loadInstances({ file, list, site }, catalogue)
  if (listed === undefined) log.warn({ site }, 'no list of instances: only what is alive can be commanded')
  return { catalogue, instances: instancesOf(listed) }
}
