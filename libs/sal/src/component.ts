export {
  ackFieldsOf,
  type CommandReaderOptions,
  createCommandReader,
  readCommand,
  type SalCommand,
  type SalReply
} from './component/command-reader.ts'
export { type MakeTopicsOptions, makeTopics } from './component/make-topics.ts'
export {
  createRecordWriter,
  type RecordWriter,
  type RecordWriterOptions,
  salTopicOf,
  topicsOf
} from './component/record-writer.ts'
export { type BatchWriter, createBatchWriter } from './log/batch-writer.ts'
