import { decodeMsgpack, encodeMsgpack, MAX_DEPTH } from '@meridian/msgpack'
import {
  type ClientFrame,
  exactJsonOf,
  readServerRecords,
  type ServerRecord,
  type Subprotocol
} from '@meridian/protocol/live'

/** Frames of one sub-protocol to bytes or text and back. `decode` throws on what is no list of records. */
export interface Codec {
  readonly subprotocol: Subprotocol
  encode(frame: ClientFrame): string | Uint8Array<ArrayBuffer>
  decode(data: unknown): readonly ServerRecord[]
}

/** Fields may be as deep as any value, and stand inside a record inside a list. */
const maxDepth = MAX_DEPTH + 2

/** MessagePack: floats keep their bits, integers beyond 2^53 become a bigint. */
export const msgpackCodec: Codec = {
  subprotocol: 'meridian.v1.msgpack',
  encode: encodeMsgpack,
  decode(data) {
    if (!(data instanceof ArrayBuffer)) throw new TypeError('a frame of another codec')
    return readServerRecords(decodeMsgpack(new Uint8Array(data), { maxDepth }))
  }
}

/**
 * JSON, for people who read along: integers beyond 2^53 are sent with all their digits; what comes as text,
 * as they, NaN and the infinities do, stays text.
 */
export const jsonCodec: Codec = {
  subprotocol: 'meridian.v1.json',
  encode: exactJsonOf,
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('a frame of another codec')
    return readServerRecords(JSON.parse(data))
  }
}
