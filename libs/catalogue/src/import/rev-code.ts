import { createHash } from 'node:crypto'
import { avroTypes, salNameOf } from '../sal-names.ts'
import type { FieldSource, TopicSource } from './sources.ts'

/** A private field, as `private_fields.json` of the interface directory has it. */
export interface PrivateField {
  readonly name: string
  readonly type: string
  readonly default: number | string
  readonly description: string
  readonly units: string
}

/** A number that the schema text writes with a decimal point even if it is whole. */
class Real {
  readonly text: string
  constructor(value: number) {
    this.text = Number.isInteger(value) ? `${value}.0` : String(value)
  }
}

type Json = string | number | boolean | null | Real | readonly Json[] | { readonly [key: string]: Json }

/**
 * First eight hex digits of the md5 of the topic's Avro schema, written as SAL's own tools write it
 * [docs/sal.md#private-fields].
 */
export function revCodeOf(
  csc: string,
  indexed: boolean,
  topic: TopicSource,
  privateFields: readonly PrivateField[]
): string {
  return createHash('md5')
    .update(schemaText(csc, indexed, topic, privateFields))
    .digest('hex')
    .slice(0, 8)
}

/** The Avro schema as text: indent 4, non-ASCII escaped, one array element per line. */
export function schemaText(
  csc: string,
  indexed: boolean,
  topic: TopicSource,
  privateFields: readonly PrivateField[]
): string {
  const own = privateFields.filter(field => indexed || field.name !== 'salIndex').map(privateJson)
  const fields = topic.fields.map(topic.avsc ? avscJson : fieldJson)
  return write(
    {
      type: 'record',
      name: salNameOf(topic),
      namespace: `lsst.sal.${csc}`,
      fields: topic.avsc ? [...fields, ...own] : [...own, ...fields],
      ...(!topic.avsc && { description: topic.description })
    },
    ''
  )
}

const privateJson = (field: PrivateField): Json => ({
  ...field,
  default:
    field.type === 'double' && typeof field.default === 'number' ? new Real(field.default) : field.default
})

function fieldJson({ name, type, count, description, units }: FieldSource): Json {
  const avro = avroTypes[type]
  const value = defaultOf(avro)
  return {
    name,
    type: count > 1 ? { type: 'array', items: avro } : avro,
    default: count > 1 ? Array.from({ length: count }, () => value) : value,
    description,
    units
  }
}

function avscJson({ name, type, nullable, tag, description, units }: FieldSource): Json {
  const avro = avroTypes[type]
  return {
    name,
    type: nullable ? ['null', avro] : avro,
    ...(nullable && { default: null }),
    description,
    ...(!tag && { units })
  }
}

function defaultOf(avro: string): Json {
  if (avro === 'boolean') return false
  if (avro === 'string') return ''
  return avro === 'float' || avro === 'double' ? new Real(0) : 0
}

function write(value: Json, indent: string): string {
  if (value instanceof Real) return value.text
  if (value === null || typeof value !== 'object') return ascii(JSON.stringify(value))
  const inner = `${indent}    `
  if (Array.isArray(value))
    return block(
      '[',
      value.map(item => write(item as Json, inner)),
      ']',
      indent
    )
  const lines = Object.entries(value).map(
    ([key, item]) => `${ascii(JSON.stringify(key))}: ${write(item, inner)}`
  )
  return block('{', lines, '}', indent)
}

function block(open: string, lines: readonly string[], close: string, indent: string): string {
  if (lines.length === 0) return open + close
  return `${open}\n${lines.map(line => `${indent}    ${line}`).join(',\n')}\n${indent}${close}`
}

const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
