import { AppError } from '@meridian/errors'
import { decodeMsgpack } from './decode-msgpack.ts'
import { isMapType } from './walk.ts'

/** The public fields of a sample by name, as JavaScript has them: integers beyond 2^53 are bigints. */
export type Fields = Record<string, unknown>

const refuse = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/**
 * Decodes the fields of a sample, or what a component sent as MessagePack on `raw.`. Safe on any bytes:
 * throws WIR_BAD_SAMPLE.
 */
export function decodeFields(bytes: Uint8Array): Fields {
  if (bytes.length === 0 || !isMapType(bytes[0] as number)) throw refuse('fields are not a map')
  return decodeMsgpack(bytes, { refuse }) as Fields
}

/**
 * Fields as JSON for people and clients: NaN and the infinities as "NaN", "Infinity", "-Infinity", integers
 * beyond 2^53 as strings Bytes of a MessagePack `bin` come as base64. Throws WIR_BAD_SAMPLE when given bytes
 * that are no fields.
 */
export function fieldsToJson(fields: Uint8Array | Readonly<Fields>): string {
  return JSON.stringify(fields instanceof Uint8Array ? decodeFields(fields) : fields, jsonValueOf)
}

/**
 * The replacer for JSON.stringify behind fieldsToJson, for whoever writes fields inside a larger document.
 */
export function jsonValueOf(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  // A Buffer has a toJSON, which runs before the replacer: look at the holder.
  const held = (this as Record<string, unknown>)[key]
  return held instanceof Uint8Array ? base64Of(held) : value
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
