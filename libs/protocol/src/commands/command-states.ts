const OPEN_STATES = ['accepted', 'dispatching', 'inProgress'] as const
const TERMINAL_STATES = [
  'complete',
  'failed',
  'aborted',
  'refused',
  'expired',
  'noack',
  'timeout',
  'unknown'
] as const
type TerminalState = (typeof TERMINAL_STATES)[number]

/**
 * The life of a command. accepted -> dispatching -> (inProgress)* -> one terminal state.
 * accepted: one write on `intake.`; dispatching: a commander sent it to the component, once; inProgress: SAL
 * CMD_ACK or CMD_INPROGRESS came; complete, failed, aborted, refused, timeout: the component said so;
 * expired: `notAfter` passed before dispatch, nothing was sent; noack: the component answered nothing by the
 * deadline; unknown: its commander was lost and no answer was found.
 */
export const COMMAND_STATES = [...OPEN_STATES, ...TERMINAL_STATES] as const
/** One of the states of a command, `accepted` included. */
export type CommandState = (typeof COMMAND_STATES)[number]

const terminal: ReadonlySet<CommandState> = new Set(TERMINAL_STATES)

/** Whether a command ends in this state: no later stage follows it. */
export const isTerminal = (state: CommandState): state is TerminalState => terminal.has(state)
