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
  execRepliesOf,
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
  telemetryOf
} from './builders.ts'
export { classOf, defaultQualityOf, payloadOf } from './class-traits.ts'
export { describeSubjects } from './describe-subjects.ts'
export { joinSubject } from './join-subject.ts'
export { keyTextOf, keyToken, MAX_TOKEN } from './key-token.ts'
export { parsePattern } from './parse-pattern.ts'
export { parseSubject } from './parse-subject.ts'
export { filtersOf, matches, type Pattern, readPattern } from './pattern.ts'
export { readSubject } from './read-subject.ts'
export { streamSubjects } from './stream-subjects.ts'
export {
  mayHold,
  type StreamKind,
  type StreamName,
  type StreamTraits,
  streamHolds,
  streamNames,
  streamOf,
  streamsUnder,
  traitsOf
} from './streams.ts'
export { everythingBelow, keyedSubject, patternOf, subjectOf, token } from './subject-of.ts'
export {
  type Subject,
  type SubjectClass,
  type SubjectName,
  type SubjectValues,
  subjectTable
} from './subject-table.ts'
