import type { CommandState } from './command-states.ts'

/** SAL's acknowledgement codes by SAL's names; the negative ones end a command [docs/sal.md#commands]. */
export const SAL_ACK = {
  CMD_ACK: 300,
  CMD_INPROGRESS: 301,
  CMD_STALLED: 302,
  CMD_COMPLETE: 303,
  CMD_NOPERM: -300,
  CMD_NOACK: -301,
  CMD_FAILED: -302,
  CMD_ABORTED: -303,
  CMD_TIMEOUT: -304
} as const
/**
 * One of SAL's acknowledgement codes, such as 303 for `complete`; other numbers are none, see
 * `isSalAckCode`.
 */
export type SalAckCode = (typeof SAL_ACK)[keyof typeof SAL_ACK]

/** The state that an acknowledgement brings a command to, by SAL's code. */
export const stateOfAck = (ack: SalAckCode): Exclude<CommandState, 'accepted'> => STATE_OF_ACK[ack]

/** True for the numbers that are codes of SAL. */
export const isSalAckCode = (ack: unknown): ack is SalAckCode =>
  typeof ack === 'number' && Object.hasOwn(STATE_OF_ACK, ack)

const STATE_OF_ACK: Readonly<Record<SalAckCode, Exclude<CommandState, 'accepted'>>> = {
  [SAL_ACK.CMD_ACK]: 'inProgress',
  [SAL_ACK.CMD_INPROGRESS]: 'inProgress',
  // Some components end with it, others go on: so it is no end, and silence after it is a timeout.
  [SAL_ACK.CMD_STALLED]: 'inProgress',
  [SAL_ACK.CMD_COMPLETE]: 'complete',
  [SAL_ACK.CMD_NOPERM]: 'refused',
  [SAL_ACK.CMD_NOACK]: 'noack',
  [SAL_ACK.CMD_FAILED]: 'failed',
  [SAL_ACK.CMD_ABORTED]: 'aborted',
  [SAL_ACK.CMD_TIMEOUT]: 'timeout'
}
