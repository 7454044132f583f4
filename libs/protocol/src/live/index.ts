export { type Codec, encodeClientFrame } from '../encode-records.ts'
export { exactJsonOf } from '../exact-json.ts'
export type {
  ClientFrame,
  PatternRequest,
  Rate,
  SubscriptionRequest
} from './client-frames.ts'
export { CLOSE, FINAL_CODES, SUBPROTOCOLS, type Subprotocol } from './close-codes.ts'
export { type CommandRequest, findRequestProblem } from './command-request.ts'
export { type Cursor, decodeCursor, encodeCursor, epochMark, type Position } from './cursor.ts'
export {
  closeEventOf,
  type DataEvent,
  dataEventOf,
  type Encoding,
  encodeControl,
  retryEventOf
} from './encoding.ts'
export { type GatewayLoad, parseGatewayLoad } from './gateway-load.ts'
export { type Extreme, MINMAX_FIELD, type MinMax, readMinMax } from './minmax.ts'
export { parseClientFrame } from './parse-client-frame.ts'
export { parseServerMessage } from './parse-server-message.ts'
export { readServerRecords } from './read-server-records.ts'
export type { ControlRecord, DataRecord, ServerRecord, StreamGap, StreamOutcome } from './server-frames.ts'
