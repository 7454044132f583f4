import { AppError } from '@meridian/errors'
import { type DecodeOptions, decodeMsgpack } from './decode-msgpack.ts'
import { jsonOf } from './json-of.ts'
import { isMapType } from './walk.ts'

/** The public fields of a sample by name, as JavaScript has them: integers beyond 2^53 are bigints. */
export type Fields = Record<string, unknown>

const refuse = (detail: string): AppError => new AppError('WIR_BAD_SAMPLE', { detail })

/**
 * Decodes the fields of a sample, or what a component sent as MessagePack on `raw.`. Safe on any bytes:
 * throws WIR_BAD_SAMPLE.
 */
export function decodeFields(
  bytes: Uint8Array,
  { strictText = false }: Pick<DecodeOptions, 'strictText'> = NO_OPTIONS
): Fields {
  if (bytes.length === 0 || !isMapType(bytes[0] as number)) throw refuse('fields are not a map')
  return decodeMsgpack(bytes, { refuse, strictText }) as Fields
}

const NO_OPTIONS = {}

/** Fields as JSON for people and clients [jsonOf]. Throws WIR_BAD_SAMPLE when given bytes that are no fields. */
export const fieldsToJson = (fields: Uint8Array | Readonly<Fields>): string =>
  jsonOf(fields instanceof Uint8Array ? decodeFields(fields) : fields)
