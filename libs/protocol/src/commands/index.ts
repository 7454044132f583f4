export { INTEGER_RANGES, isBeyondFloat } from '@meridian/msgpack'
export { exactJsonOf } from '../exact-json.ts'
export { readExactJsonObject, readJsonObject } from '../parse.ts'
export { isObject } from '../schema.ts'
export { ANONYMOUS } from './anonymous.ts'
export { type CommandAccepted, type CommandAnswer, parseCommandAnswer } from './answer.ts'
export { askCommander } from './ask-commander.ts'
export { AUTHORIZATION, bearerOf } from './authorization.ts'
export type { CommandBody, CommandTarget } from './command-body.ts'
export { type CommandState, isTerminal } from './command-states.ts'
export { type CommanderClock, createCommanderClock } from './commander-clock.ts'
export { type CommanderHeartbeat, parseCommanderHeartbeat } from './commander-heartbeat.ts'
export {
  type ExecReply,
  type ExecRequest,
  parseExecReply,
  parseExecRequest,
  type ReadExecReply,
  type ReadExecRequest,
  readExecReply
} from './exec.ts'
export { COMMAND_ID, COMMAND_LIMITS, COMMAND_SIZES } from './limits.ts'
export {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  isAckRecord,
  isIntakeRecord,
  parseAckRecord,
  parseIntakeRecord,
  type RecordMessage,
  readRecord
} from './records.ts'
export {
  assertParams,
  type CommandAsk,
  parseCommandBody,
  parseCommandPayload,
  parseCommandTarget
} from './request.ts'
export { type CommandName, fitsCommand, roleCommands } from './roles.ts'
export { SAL_ACK, type SalAckCode, stateOfAck } from './sal-ack.ts'
