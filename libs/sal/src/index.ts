export {
  createMessageReader,
  type MessageReader,
  type MessageReaderOptions,
  type SalMessage
} from './avro/message-reader.ts'
export { type AvroField, type AvroSchema, type AvroType, parseAvroSchema } from './avro/schema.ts'
export { schemaTextOf } from './avro/schema-of-topic.ts'
export { FRAME_BYTES, frameOf, schemaIdOf } from './frame.ts'
export type { KafkaAccess } from './log/kafka-access.ts'
export { createLogReader, type LogReader, type LogReaderOptions } from './log/log-reader.ts'
export type { FoundPartition, Partition } from './log/places.ts'
export type { LogRecord, TakenPartition } from './log/records.ts'
export { PRIVATE_FIELDS } from './private-fields.ts'
export { createRegistry, type RegisteredSchema, type Registry } from './registry/registry.ts'
export type { RegistryAccess } from './registry/request.ts'
export { type SalAccess, type SalConfig, salAccessOf, salSettings } from './settings.ts'
export { kafkaTopicOf, parseKafkaTopic, registrySubjectOf, type SalTopic } from './topic-name.ts'
export { type Tries, tryUntilDone } from './try-until-done.ts'
