export { keyTextOf, keyToken, MAX_TOKEN } from './key-token.ts'
export { parseSubject, type Subject, type SubjectClass } from './parse-subject.ts'
export { filtersOf, matches, type Pattern, parsePattern } from './pattern.ts'
export {
  ackByIdOf,
  ackOf,
  auditOf,
  COMMANDER_INBOX,
  commanderAliveOf,
  commandOf,
  commandsOf,
  eventOf,
  execOf,
  execReplyOf,
  gatewayLoadOf,
  heartbeatOf,
  heartbeatsOf,
  type InstanceRef,
  intakeByIdOf,
  intakeOf,
  PARTITIONS,
  partitionFilterOf,
  partitionOf,
  rawEventOf,
  rawHeartbeatOf,
  rawTelemetryOf,
  scriptOf,
  type TopicRef,
  telemetryOf,
  token
} from './subjects.ts'
