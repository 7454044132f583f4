import { refuse } from './avro/avro-bytes.ts'

/** The first byte of every value [docs/sal.md#kafka]. */
const MAGIC = 0
/** Bytes before the message itself: the first one, and the number of the schema. */
export const FRAME_BYTES = 5

/** The number of the schema that a value of Kafka was written with. Throws SAL_BAD_MESSAGE. */
export function schemaIdOf(value: Uint8Array): number {
  if (value.length < FRAME_BYTES) refuse(`it has ${value.length} bytes`)
  if (value[0] !== MAGIC) refuse(`it begins with the byte ${value[0]}, not with ${MAGIC}`)
  return new DataView(value.buffer, value.byteOffset, FRAME_BYTES).getUint32(1)
}

/** A value of Kafka: a message behind the number of its schema. */
export function frameOf(schemaId: number, message: Uint8Array): Uint8Array {
  const value = new Uint8Array(FRAME_BYTES + message.length)
  new DataView(value.buffer).setUint32(1, schemaId)
  value.set(message, FRAME_BYTES)
  return value
}
