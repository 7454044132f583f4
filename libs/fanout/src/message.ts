import { checkFields, encodeMsgpack } from '@meridian/msgpack'
import type { Encoding, MinMax } from '@meridian/protocol/live'
import { type Envelope, emptyEnvelope, readEnvelope } from '@meridian/sample'
import { payloadKindOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'

/** What is known of a topic's form: its subject, its number, whether the catalogue has it. */
export interface TopicName {
  readonly id: number
  readonly subject: string
  readonly uncatalogued: boolean
  /** Up to here it was removed from its stream on purpose: what the ring still holds of that is not replayed. */
  readonly forgottenUpTo: number
  /** Its messages are samples, no records of commands: they may be compressed. */
  readonly isSample: boolean
  /** Name of the stream that the message was read from. */
  readonly stream: string
  /** First bytes of each of its data records in MessagePack: an array of four, and the number. */
  readonly head: Uint8Array
}

/**
 * The content of a message as fan-out needs it: `data[from..to)` is one sound MessagePack map. `time` is TAI
 * seconds by the source's clock, `received` by the observatory's, 0 where the writer gave none.
 */
export interface Content {
  readonly time: number
  readonly received: number
  readonly data: Uint8Array
  readonly from: number
  readonly to: number
  readonly uncatalogued: boolean
}

/** One message of one topic; its chunks are made when somebody first wants them. */
export interface Message<T extends TopicName = TopicName> {
  readonly topic: T
  readonly seq: number
  readonly timeUs: number
  readonly content: Content
  /** The extremes of a bucket that ends with it; undefined: it is a message as it came. */
  readonly minMax: MinMax | undefined
  chunks: Chunks | undefined
}

/** A message in each encoding that was asked for so far. */
export type EncodedChunks = { [E in Encoding]: Uint8Array | undefined }

/** A message in each encoding and projection that was asked for so far. */
export interface Chunks extends EncodedChunks {
  projected: Map<object, EncodedChunks> | undefined
}

/**
 * Reads what a stream holds. Throws on anything that may not be spliced into a frame: WIR_BAD_SAMPLE or a
 * SyntaxError.
 */
export type ContentReader = (subject: string, data: Uint8Array, timeUs: number) => Content

/** A reader with one envelope of its own, used again for each message. */
export function createContentReader(): ContentReader {
  const envelope = emptyEnvelope()
  return (subject, data, timeUs) =>
    payloadKindOf(subject) === 'sample' ? sampleContent(data, envelope) : recordContent(data, timeUs)
}

function sampleContent(data: Uint8Array, envelope: Envelope): Content {
  const { sndStamp, rcvStamp, fieldsStart, fieldsEnd, uncatalogued } = readEnvelope(data, envelope)
  checkFields(data, fieldsStart, fieldsEnd)
  return { time: sndStamp, received: rcvStamp, data, from: fieldsStart, to: fieldsEnd, uncatalogued }
}

/** A record of a command or an audit: low rate, so it is put into MessagePack at once. */
function recordContent(bytes: Uint8Array, timeUs: number): Content {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const record: unknown = JSON.parse(text)
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new SyntaxError('a record is not an object')
  const data = encodeMsgpack(record)
  checkFields(data)
  return {
    time: timeOf(record as Record<string, unknown>, timeUs),
    received: 0,
    data,
    from: 0,
    to: data.length,
    uncatalogued: false
  }
}

function timeOf(record: Readonly<Record<string, unknown>>, timeUs: number): number {
  const time = record['time'] ?? record['acceptedAt']
  return typeof time === 'number' ? time : taiSecondsOf(timeUs / 1000)
}
