export { createMessageWriter, type MessageWriter } from './avro/message-writer.ts'
