import { encodeMsgpack } from '@meridian/msgpack'
import { exactJsonOf } from './exact-json.ts'
import type { ControlRecord } from './live/server-frames.ts'

/** How a connection wants its frames: the two sub-protocols. */
export type Codec = 'msgpack' | 'json'

const utf8 = new TextEncoder()

/** One control record as it stands inside a frame of this codec. */
export const encodeControl = (codec: Codec, record: ControlRecord): Uint8Array =>
  codec === 'msgpack' ? encodeMsgpack(record) : utf8.encode(JSON.stringify(record))

/** A client frame as one WebSocket message: text for JSON, bytes for MessagePack. */
export const encodeClientFrame = (codec: Codec, frame: object): string | Uint8Array =>
  codec === 'msgpack' ? encodeMsgpack(frame) : exactJsonOf(frame)
