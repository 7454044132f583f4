import { AppError } from '@meridian/errors'
import { Unpackr } from 'msgpackr'
import { checkFields } from './check-fields.ts'

/** The public fields of a sample by name, as JavaScript has them: integers beyond 2^53 are bigints. */
export type Fields = Record<string, unknown>

// No records: a byte that msgpackr would take for one of its own structures is an integer to everybody else.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'auto' as 'bigint' })

/** Decodes the fields of a sample, or what a component sent as MessagePack on `raw.`. Safe on any bytes: throws WIR_BAD_SAMPLE. */
export function decodeFields(bytes: Uint8Array): Fields {
  checkFields(bytes)
  try {
    return unpackr.unpack(bytes) as Fields
  } catch (cause) {
    throw new AppError('WIR_BAD_SAMPLE', { cause, detail: 'fields do not decode' })
  }
}

/**
 * Fields as JSON for people and clients: NaN and the infinities as "NaN", "Infinity", "-Infinity", integers beyond 2^53 as strings
 * [docs/protocol.md#connection]. Bytes of a MessagePack `bin` come as base64. Throws WIR_BAD_SAMPLE when given bytes that are no fields.
 */
export function fieldsToJson(fields: Uint8Array | Readonly<Fields>): string {
  return JSON.stringify(fields instanceof Uint8Array ? decodeFields(fields) : fields, jsonValueOf)
}

/** The replacer for JSON.stringify behind fieldsToJson, for whoever writes fields inside a larger document. */
export function jsonValueOf(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  // Buffer has a toJSON, which runs before the replacer: look at the holder.
  const held = (this as Record<string, unknown>)[key]
  if (held instanceof Uint8Array) return Buffer.from(held).toString('base64')
  return value
}
