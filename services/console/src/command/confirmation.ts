/** Commands of the state machine, with the states (SAL's numbers) from which they lead on [docs/sal.md#states]. */
export const STATE_COMMANDS: Readonly<Record<string, readonly number[]>> = {
  enterControl: [4],
  start: [5],
  enable: [1],
  disable: [2],
  standby: [1, 3],
  exitControl: [5]
}

const HARMLESS = /^(setLogLevel|show|get|stop|abort|acknowledge|unacknowledge|mute|unmute|ping|wait)/i

/** True for commands that end motion: they never wait for a second press. */
export const isStop = (command: string): boolean => /^(stop|abort)/i.test(command)

/**
 * True when a command is worth a second look before it goes: whatever changes a state or may move or expose something. Only names
 * that ask, silence or stop are let through at once.
 */
export const needsConfirmation = (command: string): boolean => !HARMLESS.test(command)

/** True when the state machine allows the command in this state, or nothing says otherwise. */
export function isAllowed(command: string, summaryState: number | undefined): boolean {
  const from = STATE_COMMANDS[command]
  return from === undefined || summaryState === undefined || from.includes(summaryState)
}
