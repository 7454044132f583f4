import { loadObservatory } from '@meridian/catalogue'
import type { Logger } from 'pino'
import { type CheckFacts, instancesOf } from './check-command.ts'
import type { CommanderConfig } from './config.ts'

/**
 * Loads what commands are checked against: the catalogue, and the instances of the site by component. Throws CAT_…; at a site of which
 * there is no file, only instances that are alive can be commanded.
 */
export function loadCommandable(
  config: CommanderConfig,
  log: Logger
): Pick<CheckFacts, 'catalogue' | 'instances'> {
  const { catalogue, site } = loadObservatory(config)
  if (site.file === undefined)
    log.warn({ site: site.name }, 'no site file: only what is alive can be commanded')
  return { catalogue, instances: instancesOf(site) }
}
