import {
  appendField,
  fieldsToJson,
  type Projection,
  projectFields,
  putArrayHead,
  putDouble,
  putFrameInteger
} from '@meridian/msgpack'
import { dataEventOf, type Encoding, MINMAX_FIELD } from '@meridian/protocol/live'
import { isSameTime } from '@meridian/time'
import { chosenOf } from './chosen-extremes.ts'
import type { Chunks, Content, EncodedChunks, Message } from './message.ts'

const MOST_INTEGER_BYTES = 9
const DOUBLE_BYTES = 9

/**
 * A message as one data record of a codec: `[topicId, seq, time, fields]`, and `received` where the source's
 * clock says otherwise; or as one event. Made once per codec and projection, however many want it. MessagePack takes the bytes
 * of the fields as they are; JSON and events decode them.
 */
export function chunkOf(message: Message, codec: Encoding, projection: Projection | undefined): Uint8Array {
  message.chunks ??= { msgpack: undefined, json: undefined, events: undefined, projected: undefined }
  const slot = projection === undefined ? message.chunks : slotOf(message.chunks, projection)
  const known = slot[codec]
  if (known !== undefined) return known
  const made = encode(message, codec, projection)
  slot[codec] = made
  return made
}

function slotOf(chunks: Chunks, projection: Projection): EncodedChunks {
  chunks.projected ??= new Map()
  let slot = chunks.projected.get(projection)
  if (slot === undefined) {
    slot = { msgpack: undefined, json: undefined, events: undefined }
    chunks.projected.set(projection, slot)
  }
  return slot
}

function encode(message: Message, codec: Encoding, projection: Projection | undefined): Uint8Array {
  const fields = fieldsOf(message, projection)
  if (codec !== 'msgpack') return Buffer.from(textOf(message, codec, fieldsToJson(fields)))
  const { head } = message.topic
  const { time, received } = message.content
  const out = Buffer.allocUnsafe(head.length + MOST_INTEGER_BYTES + 2 * DOUBLE_BYTES + fields.length)
  out.set(head, 0)
  let at = putFrameInteger(out, head.length, message.seq)
  at = putDouble(out, at, time)
  out.set(fields, at)
  at += fields.length
  if (isReceivedTold(message.content)) {
    putArrayHead(out, 0, 5)
    at = putDouble(out, at, received)
  }
  return out.subarray(0, at)
}

function textOf({ topic, seq, content }: Message, codec: 'json' | 'events', fields: string): string {
  const time = Number.isFinite(content.time) ? content.time : 0
  const received = isReceivedTold(content) ? content.received : undefined
  if (codec === 'json')
    return `[${topic.id},${seq},${time},${fields}${received === undefined ? '' : `,${received}`}]`
  const { subject, uncatalogued } = topic
  return dataEventOf({ subject, seq, time, fields, received, uncatalogued })
}

const isReceivedTold = ({ time, received }: Content): boolean =>
  Number.isFinite(received) && received !== 0 && !isSameTime(time, received)

function fieldsOf({ content, minMax }: Message, projection: Projection | undefined): Uint8Array {
  const { data, from, to } = content
  const fields =
    projection === undefined ? data.subarray(from, to) : projectFields(data, from, to, projection)
  if (minMax === undefined) return fields
  return appendField(
    fields,
    MINMAX_FIELD,
    projection === undefined ? minMax : chosenOf(minMax, projection.names)
  )
}

/** The first bytes of a topic's data records: an array of four, and the topic's number. */
export function headOf(topicId: number): Uint8Array {
  const out = new Uint8Array(1 + MOST_INTEGER_BYTES)
  return out.slice(0, putFrameInteger(out, putArrayHead(out, 0, 4), topicId))
}
