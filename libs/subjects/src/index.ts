export {
  ackByIdOf,
  ackOf,
  auditOf,
  commanderAliveOf,
  commandOf,
  commandsOf,
  eventOf,
  execOf,
  execRepliesOf,
  execReplyOf,
  forgetOf,
  forgetsOf,
  gatewayClientsOf,
  gatewayLoadOf,
  heartbeatOf,
  heartbeatsOf,
  type InstanceRef,
  intakeByIdOf,
  intakeOf,
  intakesOf,
  PARTITIONS,
  partitionFilterOf,
  partitionOf,
  rawEventOf,
  rawHeartbeatOf,
  rawTelemetryOf,
  removalsOf,
  samplesOf,
  scriptOf,
  telemetryOf
} from './builders.ts'
export { classOf, defaultQualityOf, tokensOf } from './class-traits.ts'
export { describeSubjects } from './describe-subjects.ts'
export { disjointFilters, mergeFilters } from './disjoint-filters.ts'
export { inboxPrefixOf, isInbox, type ProcessKind, processKinds } from './inboxes.ts'
export { intersect, withoutInner } from './intersect.ts'
export { joinSubject } from './join-subject.ts'
export { isKeptUnder, keptForms } from './kept-under.ts'
export { keyTextOf } from './key-text.ts'
export { keyToken, MAX_TOKEN } from './key-token.ts'
export { OWN_COMPONENTS, type OwnComponent, QUEUE_STATE_CSC } from './own-components.ts'
export { parsePattern } from './parse-pattern.ts'
export { parseSubject } from './parse-subject.ts'
export { filtersOf, matches, type Pattern, splitPattern } from './pattern.ts'
export { payloadKindOf } from './payload-kind.ts'
export { readSubject } from './read-subject.ts'
export { streamHolds } from './stream-holds.ts'
export { streamSubjects } from './stream-subjects.ts'
export {
  type StreamKind,
  type StreamName,
  type StreamTraits,
  streamNames,
  streamOf,
  streamsUnder,
  traitsOf
} from './streams.ts'
export { everythingBelow, keyedSubject, patternOf, subjectOf, token } from './subject-of.ts'
export {
  type Subject,
  type SubjectName,
  type SubjectValues,
  subjectTable
} from './subject-table.ts'
