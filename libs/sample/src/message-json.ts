import { isPrintable } from '@meridian/errors'
import { checkFields, decodeFields, fieldsToJson, jsonOf, parseExactJson } from '@meridian/msgpack'
import { payloadKindOf } from '@meridian/subjects'
import { decodeSample } from './decode-sample.ts'
import type { Sample } from './sample.ts'

/**
 * Any message of ours as one JSON object on one line, for people: a sample with its envelope and its fields;
 * JSON under `json`; what components say in MessagePack under `fields`; other text under `text`, bytes as
 * base64 under `bytes`. Never throws.
 */
export function messageToJson(subject: string, data: Uint8Array): string {
  const parts = [`"subject":${JSON.stringify(subject)}`, ...bodyOf(subject, data)]
  return `{${parts.join(',')}}`
}

function bodyOf(subject: string, data: Uint8Array): string[] {
  const isSample = subject === '' || payloadKindOf(subject) === 'sample'
  return (isSample ? samplePartsOf(data) : undefined) ?? plainPartsOf(data)
}

function samplePartsOf(data: Uint8Array): string[] | undefined {
  try {
    const { fields, ...envelope } = decodeSample(data)
    checkFields(fields)
    return [...envelopePartsOf(envelope), `"fields":${fieldsToJson(fields)}`]
  } catch {
    return undefined
  }
}

function envelopePartsOf(envelope: Omit<Sample, 'fields'>): string[] {
  const { uncatalogued, ...always } = envelope
  const shown = uncatalogued ? { ...always, uncatalogued } : always
  return [fieldsToJson(shown).slice(1, -1)]
}

function plainPartsOf(data: Uint8Array): string[] {
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('utf8')
  try {
    return [`"json":${jsonOf(parseExactJson(text, { outOfRange: number => number }))}`]
  } catch {
    return [binaryPartOf(data) ?? textPartOf(data, text)]
  }
}

function binaryPartOf(data: Uint8Array): string | undefined {
  try {
    return `"fields":${fieldsToJson(decodeFields(data))}`
  } catch {
    return undefined
  }
}

const textPartOf = (data: Uint8Array, text: string): string =>
  isPrintable(text) && !text.includes('\ufffd')
    ? `"text":${JSON.stringify(text)}`
    : `"bytes":"${Buffer.from(data).toString('base64')}"`
