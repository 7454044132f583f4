export { createMessageWriter, type MessageWriter } from './avro/message-writer.ts'
export { createLogWriter, type LogWriter, type WrittenRecord } from './log/log-writer.ts'
