import type { CommandParameters, SiteCommands } from './site.ts'

/** Does `Component.command` with `*` for any letters fit a command? */
export function fitsCommand(pattern: string, csc: string, command: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '\\w*')
  return new RegExp(`^${source}$`).test(`${csc}.${command}`)
}

/**
 * The parameters that a stop is sent with where nothing else is said; undefined for a command that is no
 * stop. An exact name goes before a pattern, an earlier pattern before a later one.
 */
export function stopParametersOf(
  { stops }: SiteCommands,
  csc: string,
  command: string
): CommandParameters | undefined {
  const exact = stops[`${csc}.${command}`]
  return exact ?? Object.entries(stops).find(([pattern]) => fitsCommand(pattern, csc, command))?.[1]
}

/** True for a command that goes out on one press. */
export const isUnconfirmed = (commands: SiteCommands, csc: string, command: string): boolean =>
  stopParametersOf(commands, csc, command) !== undefined ||
  commands.unconfirmed.some(pattern => fitsCommand(pattern, csc, command))
