export { readJsonObject } from '../parse.ts'
export { isObject } from '../schema.ts'
export { type CommandAccepted, type CommandAnswer, parseCommandAnswer } from './answer.ts'
export { askCommander } from './ask-commander.ts'
export {
  COMMAND_STATES,
  type CommandState,
  isSalAckCode,
  isTerminal,
  SAL_ACK,
  type SalAckCode,
  stateOfAck,
  TERMINAL_STATES,
  type TerminalState
} from './command-states.ts'
export { type CommanderHeartbeat, parseCommanderHeartbeat } from './commander-heartbeat.ts'
export {
  type ExecReply,
  type ExecRequest,
  parseExecReply,
  parseExecRequest,
  type ReadExecRequest
} from './exec.ts'
export { COMMAND_LIMITS } from './limits.ts'
export {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  isAckRecord,
  parseAckRecord,
  parseIntakeRecord,
  type RecordMessage,
  readRecord
} from './records.ts'
export { type CommandAsk, type CommandPayload, parseCommandPayload } from './request.ts'
