export { type Codec, encodeClientFrame, encodeControl } from '../encode-records.ts'
export {
  type ClientFrame,
  type CommandRequest,
  type PatternRequest,
  type Quality,
  RATES,
  type Rate,
  type SubscriptionRequest
} from './client-frames.ts'
export { CLOSE, SUBPROTOCOLS, type Subprotocol } from './close-codes.ts'
export { type Cursor, decodeCursor, encodeCursor, epochMark, type Position } from './cursor.ts'
export { FRAME_LIMITS, parseClientFrame } from './parse-client-frame.ts'
export { parseServerMessage } from './parse-server-message.ts'
export type { ControlRecord, DataRecord, ServerRecord, StreamOutcome } from './server-frames.ts'
