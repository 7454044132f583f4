export { messageToJson } from './message-json.ts'
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
