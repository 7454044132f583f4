import { fieldsToJson } from '@meridian/msgpack'
import type { Codec } from '@meridian/protocol/live'
import type { Chunks, Content, Message } from './message.ts'
import { type Projection, projectFields } from './projection.ts'

/**
 * A message as one data record of a codec: `[topicId, seq, time, fields]`. Made once per codec and projection, however many want it.
 * MessagePack takes the bytes of the fields as they are; JSON decodes them.
 */
export function chunkOf(message: Message, codec: Codec, projection: Projection | undefined): Uint8Array {
  message.chunks ??= { msgpack: undefined, json: undefined, projected: undefined }
  const slot = projection === undefined ? message.chunks : slotOf(message.chunks, projection)
  const known = slot[codec]
  if (known !== undefined) return known
  const made = encode(message, codec, projection)
  slot[codec] = made
  return made
}

function slotOf(chunks: Chunks, projection: Projection): Pick<Chunks, Codec> {
  chunks.projected ??= new Map()
  let slot = chunks.projected.get(projection)
  if (slot === undefined) {
    slot = { msgpack: undefined, json: undefined }
    chunks.projected.set(projection, slot)
  }
  return slot
}

function encode(message: Message, codec: Codec, projection: Projection | undefined): Uint8Array {
  const fields = fieldsOf(message.content, projection)
  if (codec === 'json') {
    const { topic, seq, content } = message
    const time = Number.isFinite(content.time) ? content.time : 0
    return Buffer.from(`[${topic.id},${seq},${time},${fieldsToJson(fields)}]`)
  }
  const { head } = message.topic
  const out = Buffer.allocUnsafe(head.length + 18 + fields.length)
  out.set(head, 0)
  let at = putUint(out, head.length, message.seq)
  out[at] = 0xcb
  at = out.writeDoubleBE(message.content.time, at + 1)
  out.set(fields, at)
  return out.subarray(0, at + fields.length)
}

function fieldsOf({ data, from, to }: Content, projection: Projection | undefined): Uint8Array {
  return projection === undefined ? data.subarray(from, to) : projectFields(data, from, to, projection)
}

/** The first bytes of a topic's data records. */
export function headOf(topicId: number): Uint8Array {
  const out = Buffer.allocUnsafe(6)
  out[0] = 0x94
  return Buffer.from(out.subarray(0, putUint(out, 1, topicId)))
}

/** A whole number in its smallest form; beyond 32 bits as a double, which every reader takes for a plain number. */
function putUint(out: Buffer, at: number, value: number): number {
  if (value < 0x80) return out.writeUInt8(value, at)
  if (value <= 0xff) {
    out[at] = 0xcc
    return out.writeUInt8(value, at + 1)
  }
  if (value <= 0xffff) {
    out[at] = 0xcd
    return out.writeUInt16BE(value, at + 1)
  }
  if (value <= 0xffffffff) {
    out[at] = 0xce
    return out.writeUInt32BE(value, at + 1)
  }
  out[at] = 0xcb
  return out.writeDoubleBE(value, at + 1)
}
