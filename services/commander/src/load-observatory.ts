import { type Access, type AccessPart, createAccess } from '@meridian/auth'
import { type Catalogue, loadObservatory, stopParametersOf } from '@meridian/catalogue'
import type { Logger } from 'pino'
import { type CheckFacts, instancesOf } from './check-command.ts'
import type { CommanderConfig } from './config.ts'

/** What is known of commands before the broker is there. */
export interface Commandable extends Pick<CheckFacts, 'catalogue' | 'instances' | 'stopParametersOf'> {
  readonly access: Access
  /** What access needs while the commander runs. */
  readonly accessParts: readonly AccessPart[]
}

/**
 * Loads the catalogue, and the site's instances and roles, which commands are checked against. Throws CAT_…, or
 * CFG_INVALID for a role that the site lacks. Without a site file only instances that send heartbeats can be commanded.
 */
export function loadCommandable(config: CommanderConfig, log: Logger): Commandable {
  const { catalogue, site } = loadObservatory(config)
  if (site.file === undefined)
    log.warn({ site: site.name }, 'no site file: only what is alive can be commanded')
  const { access, parts: accessParts } = createAccess(config, site, log)
  return {
    ...{ access, accessParts },
    catalogue,
    instances: instancesOf(site),
    stopParametersOf: rememberStops(catalogue, (csc, command) => stopParametersOf(site, csc, command))
  }
}

type StopParametersOf = CheckFacts['stopParametersOf']

/** The same answers, worked out once for each command of the catalogue: the site's rules are patterns. */
export function rememberStops(
  catalogue: Pick<Catalogue, 'component'>,
  findStop: StopParametersOf
): StopParametersOf {
  const known = new Map<string, ReturnType<StopParametersOf>>()
  return (csc, command) => {
    if (catalogue.component(csc)?.commands.has(command) !== true) return findStop(csc, command)
    const name = `${csc}.${command}`
    if (!known.has(name)) known.set(name, findStop(csc, command))
    return known.get(name)
  }
}
