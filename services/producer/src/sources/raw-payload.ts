import { AppError } from '@meridian/errors'
import { decodeFields, type Fields, parseExactJson } from '@meridian/msgpack'
import type { SourceStamps } from './source.ts'
import { stampsOf } from './source-stamps.ts'

const NOTHING: Fields = Object.freeze({})
const STRICT = { strictText: true } as const
const BRACE = 0x7b

/**
 * Reads a payload of `raw.`: a JSON object where it begins with `{`, else a MessagePack map; nothing at all
 * is an empty one. JSON may hold the bare words `NaN`, `Infinity` and `-Infinity`; an integer beyond 2^53
 * becomes a bigint, and a number that no double holds a value that no field can have. Throws PRD_BAD_PAYLOAD,
 * for text that is not UTF-8 too, in either form.
 */
export function parseRaw(data: Uint8Array): Fields {
  if (data.length === 0) return NOTHING
  try {
    return isJson(data) ? parseJson(data) : decodeFields(data, STRICT)
  } catch (cause) {
    throw new AppError('PRD_BAD_PAYLOAD', { cause, detail: cause instanceof Error ? cause.message : '' })
  }
}

/**
 * A brace, with or without blanks before it, as editors and shells leave them. No MessagePack map begins so.
 */
function isJson(data: Uint8Array): boolean {
  let at = 0
  while (data[at] === 0x20 || data[at] === 0x0a || data[at] === 0x0d || data[at] === 0x09) at++
  return data[at] === BRACE
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** What no field can be: it is left out as one that contradicts its type. */
const NO_VALUE = Symbol('number beyond the range of a double')
const jsonOptions = { words: true, outOfRange: () => NO_VALUE } as const

const parseJson = (data: Uint8Array): Fields => parseExactJson(strictUtf8.decode(data), jsonOptions) as Fields

/** SAL's private fields of a raw message. What is absent or of the wrong type is undefined. */
export const rawStampsOf = (values: Readonly<Fields>): SourceStamps =>
  stampsOf({
    sndStamp: values['private_sndStamp'],
    seqNum: values['private_seqNum'],
    origin: values['private_origin'],
    identity: values['private_identity'],
    revCode: values['private_revCode']
  })
