import type { SiteComponentAnswer } from '@meridian/protocol/http'

/**
 * Commands of the state machine, with the states (SAL's numbers) from which they lead on
 * [docs/sal.md#states].
 */
export const STATE_COMMANDS: Readonly<Record<string, readonly number[]>> = {
  enterControl: [4],
  start: [5],
  enable: [1],
  disable: [2],
  standby: [1, 3],
  exitControl: [5]
}

type CommandRules = Pick<SiteComponentAnswer, 'stops' | 'unconfirmed'>

/**
 * Parameters with which one press sends a stop of this component; undefined for a command that is no stop.
 */
export const stopParametersOf = ({ stops = {} }: CommandRules, command: string) =>
  Object.hasOwn(stops, command) ? stops[command] : undefined

/**
 * True when a command is worth a second look before it goes. Only what the site names as a stop or as
 * harmless is let through at once: before the api has answered, nothing is.
 */
export const needsConfirmation = (rules: CommandRules, command: string): boolean =>
  stopParametersOf(rules, command) === undefined && rules.unconfirmed?.includes(command) !== true

/** True when the state machine allows the command in this state, or nothing says otherwise. */
export function isAllowed(command: string, summaryState: number | undefined): boolean {
  const from = STATE_COMMANDS[command]
  return from === undefined || summaryState === undefined || from.includes(summaryState)
}
