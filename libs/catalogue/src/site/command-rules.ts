import { fitsCommand } from '@meridian/protocol/commands'
import type { CommandParameters, Site } from './site.ts'

/** The part of a site that says how commands are treated. */
export type CommandRules = Pick<Site, 'commands' | 'components'>

/** Names that say themselves what the command does. */
const STOP_NAME = /^(?:stop|abort)/i

/**
 * The parameters that a stop is sent with where nothing else is said; undefined for a command that is no
 * stop. The site's list gives them: an exact name goes before a pattern, an earlier pattern before a later
 * one. Besides, every command whose name begins with stop or abort is one, and those of the component's own
 * list.
 */
export function stopParametersOf(
  { commands: { stops }, components }: CommandRules,
  csc: string,
  command: string
): CommandParameters | undefined {
  const exact = Object.hasOwn(stops, `${csc}.${command}`) ? stops[`${csc}.${command}`] : undefined
  const listed = exact ?? Object.entries(stops).find(([pattern]) => fitsCommand(pattern, csc, command))?.[1]
  if (listed !== undefined) return listed
  const isStop = STOP_NAME.test(command) || components.get(csc)?.stops?.includes(command) === true
  return isStop ? {} : undefined
}

/** True for a command that goes out on one press. */
export const isUnconfirmed = (rules: CommandRules, csc: string, command: string): boolean =>
  stopParametersOf(rules, csc, command) !== undefined ||
  rules.commands.unconfirmed.some(pattern => fitsCommand(pattern, csc, command))
