import { cursor, readDouble, readLength, readVarint, skip } from './protobuf-reader.ts'
import { FIELDS, RCV_STAMP, SND_STAMP, UNCATALOGUED } from './tags.ts'

/**
 * The few facts of a sample that the gateway's hot path needs: `fields` stand at `bytes[fieldsStart ..
 * fieldsEnd)`.
 */
export interface Envelope {
  sndStamp: number
  /** 0 where the writer gave none. */
  rcvStamp: number
  fieldsStart: number
  fieldsEnd: number
  uncatalogued: boolean
}

/**
 * Reads what the gateway needs of a sample, without making strings or views: 0.05 us where decoding the whole
 * takes 0.35. Pass `into` to reuse one object. Throws WIR_BAD_SAMPLE on a broken envelope; whether the fields
 * are sound is checkFields's business.
 */
export function readEnvelope(bytes: Uint8Array, into: Envelope = emptyEnvelope()): Envelope {
  into.sndStamp = 0
  into.rcvStamp = 0
  into.fieldsStart = 0
  into.fieldsEnd = 0
  into.uncatalogued = false
  cursor.at = 0
  while (cursor.at < bytes.length) readEnvelopeField(bytes, into)
  return into
}

/** Creates an envelope for `readEnvelope` to fill; one is enough for all messages. */
export const emptyEnvelope = (): Envelope => ({
  sndStamp: 0,
  rcvStamp: 0,
  fieldsStart: 0,
  fieldsEnd: 0,
  uncatalogued: false
})

function readEnvelopeField(bytes: Uint8Array, into: Envelope): void {
  const tag = readVarint(bytes)
  if (tag === SND_STAMP) into.sndStamp = readDouble(bytes)
  else if (tag === RCV_STAMP) into.rcvStamp = readDouble(bytes)
  else if (tag === FIELDS) {
    const length = readLength(bytes)
    into.fieldsStart = cursor.at
    cursor.at += length
    into.fieldsEnd = cursor.at
  } else if (tag === UNCATALOGUED) into.uncatalogued = readVarint(bytes) !== 0
  else skip(bytes, tag)
}
