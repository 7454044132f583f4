/**
 * The summary state of a component [docs/sal.md#states].
 * OFFLINE: nothing answers; enterControl (cameras) leads to STANDBY. STANDBY: start leads to DISABLED,
 * exitControl to OFFLINE. DISABLED: enable leads to ENABLED, standby to STANDBY. ENABLED: disable leads to
 * DISABLED. FAULT: entered by the component itself, standby leaves it.
 */
export const SUMMARY = { DISABLED: 1, ENABLED: 2, FAULT: 3, OFFLINE: 4, STANDBY: 5 } as const
/** SAL's number of a summary state. */
export type SummaryState = (typeof SUMMARY)[keyof typeof SUMMARY]

/** Commands that change the summary state. */
export const STATE_COMMANDS = [
  'start',
  'enable',
  'disable',
  'standby',
  'exitControl',
  'enterControl'
] as const
/** Name of one of STATE_COMMANDS. */
export type StateCommand = (typeof STATE_COMMANDS)[number]

const table: Readonly<Record<StateCommand, { from: readonly SummaryState[]; to: SummaryState }>> = {
  enterControl: { from: [SUMMARY.OFFLINE], to: SUMMARY.STANDBY },
  start: { from: [SUMMARY.STANDBY], to: SUMMARY.DISABLED },
  enable: { from: [SUMMARY.DISABLED], to: SUMMARY.ENABLED },
  disable: { from: [SUMMARY.ENABLED], to: SUMMARY.DISABLED },
  standby: { from: [SUMMARY.DISABLED, SUMMARY.FAULT], to: SUMMARY.STANDBY },
  exitControl: { from: [SUMMARY.STANDBY], to: SUMMARY.OFFLINE }
}

/** The state that a command leads to, or undefined where it is not allowed. */
export const nextState = (state: SummaryState, command: StateCommand): SummaryState | undefined =>
  table[command].from.includes(state) ? table[command].to : undefined

/** One of the commands that change the state. */
export const isStateCommand = (name: string): name is StateCommand => Object.hasOwn(table, name)

/** Name of a summary state as SAL spells it: `ENABLED` of 2. */
export const stateName = (state: SummaryState): string =>
  Object.entries(SUMMARY).find(([, value]) => value === state)?.[0] ?? String(state)

/** What a component says of a command that its state forbids, in the words of real ones. */
export const notAllowed = (command: string, state: SummaryState): string =>
  `${command} not allowed in state <State.${stateName(state)}: ${state}>`

/** The states that a component passes through on its way from STANDBY to the one it shall begin in. */
export function statesUpTo(state: SummaryState): readonly SummaryState[] {
  if (state === SUMMARY.ENABLED) return [SUMMARY.STANDBY, SUMMARY.DISABLED, SUMMARY.ENABLED]
  return state === SUMMARY.DISABLED ? [SUMMARY.STANDBY, SUMMARY.DISABLED] : [SUMMARY.STANDBY]
}
