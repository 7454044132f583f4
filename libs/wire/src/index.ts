export { checkFields } from './check-fields.ts'
export type { FieldSpec, SalType } from './field-spec.ts'
export { decodeFields, type Fields, fieldsToJson, jsonValueOf } from './fields.ts'
export { createFieldsWriter, type FieldsWriter, type FieldsWriterOptions } from './fields-writer.ts'
export { keyTextOf, keyToken, MAX_TOKEN } from './key-token.ts'
export { messageToJson } from './message-json.ts'
export { parseSubject, type Subject, type SubjectClass } from './parse-subject.ts'
export { filtersOf, matches, type Pattern, parsePattern } from './pattern.ts'
export {
  decodeSample,
  type Envelope,
  emptyEnvelope,
  encodeSample,
  readEnvelope,
  type Sample,
  type SampleIdentity,
  sampleId
} from './sample.ts'
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
  LANES,
  laneFilterOf,
  laneOf,
  rawEventOf,
  rawHeartbeatOf,
  rawTelemetryOf,
  scriptOf,
  type TopicRef,
  telemetryOf,
  token
} from './subjects.ts'
