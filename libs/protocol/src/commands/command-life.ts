/**
 * The life of a command. accepted -> dispatching -> (inProgress)* -> one terminal state.
 * accepted: one write on `intake.`; dispatching: a commander sent it to the component, once; inProgress: SAL CMD_ACK or CMD_INPROGRESS came;
 * complete, failed, aborted, refused, timeout: the component said so; expired: `notAfter` passed before dispatch, nothing was sent;
 * noack: the component answered nothing by the deadline; unknown: its commander was lost and no answer was found.
 */
export const COMMAND_STATES = [
  'accepted',
  'dispatching',
  'inProgress',
  'complete',
  'failed',
  'aborted',
  'refused',
  'expired',
  'noack',
  'timeout',
  'unknown'
] as const
export type CommandState = (typeof COMMAND_STATES)[number]

export const TERMINAL_STATES = [
  'complete',
  'failed',
  'aborted',
  'refused',
  'expired',
  'noack',
  'timeout',
  'unknown'
] as const
export type TerminalState = (typeof TERMINAL_STATES)[number]

const terminal: ReadonlySet<CommandState> = new Set(TERMINAL_STATES)

/** No later stage follows this one. */
export const isTerminal = (state: CommandState): state is TerminalState => terminal.has(state)

/** SAL's acknowledgement codes [docs/sal.md#commands]. */
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
export type SalAckCode = (typeof SAL_ACK)[keyof typeof SAL_ACK]

/** The accepted command, kept on `intake.`. Times are TAI seconds. */
export interface IntakeRecord {
  readonly id: string
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: Readonly<Record<string, unknown>>
  readonly principal: string
  readonly door: string
  readonly acceptedAt: number
  readonly notAfter: number
  readonly acceptedBy: string
  /** Parameters that the asker left out and that got SAL's defaults. */
  readonly defaults?: readonly string[]
}

/** What a door sends on `cmd.`: JSON, all of it optional. */
export interface CommandPayload {
  /** ULID, lower case; the commander makes one where the door gave none. */
  readonly id?: string
  readonly params?: Readonly<Record<string, unknown>>
  /** Who asks: a name, or a name with roles. */
  readonly principal?: string | { readonly name: string; readonly roles?: readonly string[] }
  /** Which door it came through, such as `api`; default `nats`. */
  readonly door?: string
  /** Seconds from acceptance after which it is not sent any more; default 10. */
  readonly notAfterSeconds?: number
}

/** The commander's answer to an accepted command. Times are TAI seconds. */
export interface CommandAccepted {
  readonly id: string
  readonly state: 'accepted'
  readonly acceptedAt: number
  readonly notAfter: number
  /** Where its later stages appear. */
  readonly ackSubject: string
  /** True when this id had been accepted before with the same content. */
  readonly duplicate: boolean
  /** Parameters that were left out and got SAL's defaults: 0, false, ''. */
  readonly defaults?: readonly string[]
}

/** The record of one command as `GET /api/commands/{id}` shows it: what was accepted, then each later stage, oldest first. */
export interface CommandHistory {
  readonly id: string
  readonly state: CommandState
  readonly intake: IntakeRecord
  readonly stages: readonly AckRecord[]
}

/** One later stage of a command, kept on `ack.`. Times are TAI seconds; `ack`, `error`, `result` and `timeoutSeconds` are SAL's. */
export interface AckRecord {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly state: Exclude<CommandState, 'accepted'>
  readonly time: number
  readonly commander: string
  readonly boot: string
  readonly ack?: number
  readonly error?: number
  readonly result?: string
  readonly timeoutSeconds?: number
}

/** What a commander sends on `exec.`; the component on NATS answers with ExecReply, once or several times. */
export interface ExecRequest {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: Readonly<Record<string, unknown>>
  readonly identity: string
  readonly notAfter: number
}

/** A component's answer on the reply subject of `exec.`: a SAL acknowledgement. `timeout` in seconds, for CMD_INPROGRESS. */
export interface ExecReply {
  readonly ack: number
  readonly error?: number
  readonly result?: string
  readonly timeout?: number
}
