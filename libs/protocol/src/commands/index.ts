export {
  type AckRecord,
  COMMAND_STATES,
  type CommandAccepted,
  type CommandHistory,
  type CommandPayload,
  type CommandState,
  type ExecReply,
  type ExecRequest,
  type IntakeRecord,
  isTerminal,
  SAL_ACK,
  type SalAckCode,
  TERMINAL_STATES,
  type TerminalState
} from './command-life.ts'
